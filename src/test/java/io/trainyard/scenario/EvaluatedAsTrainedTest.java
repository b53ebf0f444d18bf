package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** An evaluation of a version has the names and values that its job has of the same rows. */
@ServiceTest
@Timeout(120)
class EvaluatedAsTrainedTest {
  private static final int ROWS = 60;
  private static final String CURVE =
      "{'type': 'expression', 'name': 'curve', 'expression': 'mean(abs(y_pred - y_true)^1.5)'}";

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("a,b,price,count,kind,level,wet,hot,dry,weight\n");
    for (int i = 0; i < ROWS; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%s,%d,%s,%s,%d,%d,%s,%s%n",
              a,
              b,
              100 + 20 * a - 10 * b,
              (int) Math.abs(3 * a),
              a + b > 0 ? "yes" : "no",
              a < -0.5 ? "low" : a < 0.5 ? "mid" : "top",
              a > 0 ? 1 : 0,
              b > 0.2 ? 1 : 0,
              a < 0.3,
              1 + i % 3));
    }
    http.upload("alike", csv.toString());
    // The rows of the test part alone.
    String[] lines = csv.toString().split("\n", -1);
    StringBuilder test = new StringBuilder(lines[0]).append('\n');
    for (int i = ROWS * 3 / 4; i < ROWS; i++) {
      test.append(lines[i + 1]).append('\n');
    }
    http.upload("alike-test", test.toString());
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static String job(String targets, String network, String training) {
    return quoted(
        """
        {'model': {'name': 'alike', 'inputs': {'x': {'columns': ['a', 'b'], 'scale': 'standard'}},
                   'targets': %s, 'network': %s},
         'dataset': {'name': 'alike', 'split': {'test': 0.25, 'by': 'file_order'}},
         'training': {'epochs': 2, 'seed': 4, 'optimizer': 'adam', %s}}
        """
            .formatted(targets, network, training));
  }

  private static String layers(String... layers) {
    return "{'layers': [" + String.join(", ", layers) + "]}";
  }

  private static String dense(int units, String activation) {
    return "{'type': 'dense', 'units': %d, 'activation': '%s'}".formatted(units, activation);
  }

  static Stream<Arguments> jobs() {
    String number = "{'y': {'column': 'price', 'scale': 'standard'}}";
    String kind = "{'y': {'column': 'kind'}}";
    String level = "{'y': {'column': 'level'}}";
    return Stream.of(
        Arguments.of(
            "mse with penalties",
            job(
                number,
                layers(
                    "{'type': 'dense', 'units': 4, 'activation': 'tanh', 'regularizer': {'l2': 0.1, 'activity_l2': 0.01}}",
                    dense(1, "linear")),
                "'loss': 'mse', 'metrics': ['mae', 'r2', " + CURVE + "]")),
        Arguments.of(
            "quantile with weights of rows",
            job(
                number,
                layers(dense(1, "linear")),
                "'loss': {'type': 'quantile', 'q': 0.9}, 'sample_weight': 'weight', 'metrics': ['mape']")),
        Arguments.of(
            "huber and rmse",
            job(
                "{'p': {'column': 'price', 'scale': 'minmax', 'output': 'u'}, 'q': {'column': 'count', 'output': 'v'}}",
                "{'layers': [{'type': 'dense', 'name': 'u', 'units': 1, 'inputs': ['x']}, {'type': 'dense', 'name': 'v', 'units': 1, 'inputs': ['x']}], 'outputs': ['u', 'v']}",
                "'losses': {'u': {'type': 'huber', 'delta': 0.3}, 'v': 'rmse'}, 'loss_weights': {'u': 0.3, 'v': 2}, 'metrics': ['mae']")),
        Arguments.of(
            "gaussian_nll",
            job(
                number,
                layers(dense(2, "linear")),
                "'loss': 'gaussian_nll', 'metrics': ['mse', " + CURVE + "]")),
        Arguments.of(
            "hinge",
            job(kind, layers(dense(1, "linear")), "'loss': 'hinge', 'metrics': ['f1', 'auc']")),
        Arguments.of(
            "class weights and smoothing",
            job(
                kind,
                layers(dense(1, "sigmoid")),
                "'loss': 'binary_crossentropy', 'label_smoothing': 0.1, 'class_weights': {'yes': 5}, 'metrics': ['log_loss', 'pr_auc']")),
        Arguments.of(
            "focal from logits",
            job(
                level,
                layers(dense(3, "linear")),
                "'loss': {'type': 'focal', 'from_logits': true}, 'metrics': ['auc', 'mcc', "
                    + CURVE
                    + "]")),
        Arguments.of(
            "an expression",
            job(
                level,
                layers(dense(3, "softmax")),
                "'loss': {'type': 'expression', 'expression': '-sum(y_true * log(y_pred + 0.001))'}, 'metrics': ['accuracy', "
                    + CURVE
                    + "]")),
        Arguments.of(
            "several labels",
            job(
                "{'y': {'columns': ['wet', 'hot']}}",
                layers(dense(2, "sigmoid")),
                "'loss': 'binary_crossentropy', 'metrics': ['accuracy', 'f1', 'auc']")),
        Arguments.of(
            "several booleans",
            job(
                "{'y': {'columns': ['dry', 'hot']}}",
                layers(dense(2, "sigmoid")),
                "'loss': 'binary_crossentropy', 'metrics': ['accuracy', 'f1', 'auc', 'log_loss']")),
        Arguments.of(
            "the last phase",
            job(
                kind,
                layers(
                    "{'type': 'dense', 'name': 'h', 'units': 4, 'regularizer': {'l2': 0.1}}",
                    "{'type': 'dense', 'name': 'o', 'units': 1, 'activation': 'sigmoid', 'regularizer': {'l2': 0.01}}"),
                "'loss': 'binary_crossentropy', 'metrics': ['auc'], 'phases': [{'train': ['h']}, {'train': ['o'], 'loss': 'focal', 'metrics': ['f1']}]")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("jobs")
  void evaluationsHaveTheValuesOfTheJob(String name, String job) {
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    JsonNode own = http.get("/v1/jobs/" + done.get("id").stringValue() + "/evaluation").json();
    int version = done.at("/result/version").intValue();
    JsonNode evaluated =
        http.post(
                "/v1/models/alike/versions/" + version + "/evaluation",
                "{\"dataset\": {\"name\": \"alike-test\"}}")
            .expect(200)
            .json();
    JsonNode predicted =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"alike\", \"version\": %d, \"dataset\": {\"name\": \"alike-test\"}, \"result\": {\"dataset\": \"alike-out\"}}"
                        .formatted(version))
                .expect(202)
                .header("Location"));
    int compared = 0;
    for (var value : done.get("metrics").properties()) {
      if (value.getKey().startsWith("test_")) {
        String metric = value.getKey().substring("test_".length());
        assertAlike(metric, evaluated.at("/metrics/" + metric), value.getValue());
        assertAlike(metric, predicted.at("/metrics/" + metric), value.getValue());
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(1);
    for (int i = 0; i < 3; i++) {
      assertAlike(
          "row loss",
          evaluated.at("/worst_rows/" + i + "/loss"),
          own.at("/worst_rows/" + i + "/loss"));
    }
  }

  /** Both ways measure the same rows with the same sums: every bit is the same. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("jobs")
  void groupsAndImportancesAreTheSameOnBothPaths(String name, String job) {
    JsonNode done = http.train(job);
    JsonNode own =
        http.get(
                "/v1/jobs/"
                    + done.get("id").stringValue()
                    + "/evaluation?slices=level,weight&importance=permutation")
            .expect(200)
            .json();
    JsonNode evaluated =
        http.post(
                "/v1/models/alike/versions/%d/evaluation"
                    .formatted(done.at("/result/version").intValue()),
                quoted(
                    "{'dataset': {'name': 'alike-test'}, 'slices': ['level', 'weight'], 'importance': 'permutation'}"))
            .expect(200)
            .json();
    assertThat(own.get("part").stringValue()).isEqualTo("test");
    assertThat(own.at("/slices/columns").propertyNames()).containsExactly("level", "weight");
    assertThat(own.at("/importance/columns").propertyNames()).containsExactlyInAnyOrder("a", "b");
    assertThat(own.at("/importance/metric").stringValue()).isEqualTo("loss");
    assertThat(own.get("slices")).isEqualTo(Http.given(evaluated.get("slices")));
    assertThat(own.get("importance")).isEqualTo(Http.given(evaluated.get("importance")));
    // What was stored is not measured again.
    assertThat(own.get("metrics"))
        .isEqualTo(
            Http.given(
                http.get("/v1/jobs/" + done.get("id").stringValue() + "/evaluation")
                    .json()
                    .get("metrics")));
  }

  private static void assertAlike(String metric, JsonNode given, JsonNode wanted) {
    assertThat(given.isNumber()).as("%s: %s", metric, given).isTrue();
    double expected = wanted.doubleValue();
    assertThat(given.doubleValue())
        .as(metric)
        .isCloseTo(expected, within(1e-5 * Math.abs(expected) + 1e-6));
  }

  /** A loss is the training's, also where another clips a probability of 0. */
  @Test
  void aLossHasNoClipOfItsOwn() {
    String job =
        job(
                "{'y': {'column': 'kind'}}",
                layers(
                    "{'type': 'dense', 'units': 1, 'activation': 'sigmoid', 'initializer': {'type': 'uniform', 'min': 500, 'max': 501}}"),
                "'loss': 'binary_crossentropy'")
            .replace("\"adam\"", "{\"type\": \"sgd\", \"learning_rate\": 1e-9}");
    JsonNode done = http.train(job);
    int version = done.at("/result/version").intValue();
    JsonNode evaluated =
        http.post(
                "/v1/models/alike/versions/" + version + "/evaluation",
                "{\"dataset\": {\"name\": \"alike-test\"}}")
            .expect(200)
            .json();
    assertAlike("loss", evaluated.at("/metrics/loss"), done.at("/metrics/test_loss"));
  }

  /** auc compares classes, and one class is no two; its null is neither 0 nor absent. */
  @Test
  void whatCannotBeComputedIsNullWithItsReason() {
    String job =
        job(
                "{'y': {'column': 'kind', 'classes': ['no', 'yes', 'maybe']}}",
                layers(dense(3, "softmax")),
                "'loss': 'categorical_crossentropy', 'metrics': ['auc']")
            .replace(
                "\"dataset\": {",
                "\"on_success\": {\"alias\": \"good\", \"when\": {\"val_auc\": {\"min\": 0}}}, \"dataset\": {\"where\": \"kind = 'yes'\", ")
            .replace("\"test\": 0.25", "\"test\": 0.25, \"validation\": 0.25");
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    for (String record : new String[] {"metrics", "best"}) {
      assertThat(done.at("/" + record + "/val_auc").isNull()).as(record).isTrue();
      assertThat(done.at("/" + record + "/metric_notes/val_auc").stringValue())
          .contains("all rows are of one class");
    }
    assertThat(done.at("/metrics/metric_notes/test_auc").isString()).isTrue();
    assertThat(done.at("/result/alias/moved").booleanValue()).isFalse();
    assertThat(done.at("/result/alias/reason").stringValue())
        .startsWith("'val_auc' could not be computed: ");
    String id = done.get("id").stringValue();
    JsonNode epochs = http.get("/v1/jobs/" + id + "/metrics").json().get("epochs");
    assertThat(epochs.at("/0/val_auc").isNull()).isTrue();
    assertThat(epochs.at("/0/metric_notes/auc").isString()).isTrue();
    String csv = http.get("/v1/jobs/" + id + "/metrics", "Accept", "text/csv").expect(200).text();
    assertThat(csv).doesNotContain("NaN").contains("val_auc");
    assertThat(http.get("/v1/jobs/" + id + "/plots/curves", "Accept", "image/svg+xml").status())
        .isEqualTo(200);
    assertThat(http.events("/v1/jobs/" + id, 0).stream().map(each -> each.data().toString()))
        .anyMatch(each -> each.contains("\"val_auc\":null"));
    int version = done.at("/result/version").intValue();
    JsonNode stored = http.get("/v1/models/alike/versions/" + version).json();
    assertThat(stored.at("/metrics/test_auc").isNull()).isTrue();
    assertThat(stored.at("/metrics/metric_notes/test_auc").isString()).isTrue();
    JsonNode evaluated =
        http.post(
                "/v1/models/alike/versions/" + version + "/evaluation",
                "{\"dataset\": {\"name\": \"alike-test\", \"where\": \"kind = 'yes'\"}}")
            .expect(200)
            .json();
    assertThat(evaluated.at("/metrics/auc").isNull()).isTrue();
    assertThat(evaluated.at("/metric_notes/auc").isString()).isTrue();
  }

  /** An unseen label leaves nothing to compare with, and the job says so. */
  @Test
  void aBatchPredictionSaysWhyItHasNoMetrics() {
    JsonNode done =
        http.train(
            job(
                "{'y': {'column': 'kind'}}",
                layers(dense(1, "sigmoid")),
                "'loss': 'binary_crossentropy'"));
    http.upload("alike-new", "a,b,kind\n1,2,yes\n0,1,perhaps\n");
    JsonNode predicted =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"alike\", \"version\": %d, \"dataset\": {\"name\": \"alike-new\"}, \"result\": {\"dataset\": \"alike-out\"}}"
                        .formatted(done.at("/result/version").intValue()))
                .expect(202)
                .header("Location"));
    assertThat(predicted.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(predicted.at("/metrics/loss").isNull()).isTrue();
    assertThat(predicted.at("/metrics/metric_notes/loss").stringValue()).contains("perhaps");
  }
}
