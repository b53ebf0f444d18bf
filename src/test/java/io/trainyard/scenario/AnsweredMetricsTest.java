package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A metric is about what predictions answer, whatever the loss. */
@ServiceTest
@Timeout(120)
class AnsweredMetricsTest {
  private static final int ROWS = 40;

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    StringBuilder csv = new StringBuilder("a,price,flag,kind\n");
    for (int i = 0; i < ROWS; i++) {
      double a = i * 7 % 20 / 10.0 - 1;
      csv.append(String.format(Locale.ROOT, "%s,%s,%d,%s%n", a, 5 + a, a > 0 ? 1 : 0, kind(a)));
    }
    http.upload("answered", csv.toString());
  }

  private static String kind(double a) {
    return a > 0 ? "yes" : "no";
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  /** A job whose metric is the mean of what is predicted; half of the rows validate. */
  private static String job(String target, String layers, String loss, String more) {
    return quoted(
        """
        {'model': {'name': 'answered', 'inputs': {'x': {'columns': ['a']}},
                   'targets': {'y': %s}, 'network': {'layers': [%s]}},
         'dataset': {'name': 'answered', 'split': {'validation': 0.5, 'by': 'file_order'}},
         'training': {'loss': %s, 'epochs': 3, 'seed': 4, 'optimizer': 'adam',
                      'metrics': [{'type': 'expression', 'name': 'mean', 'expression': '%s'}%s]}}
        """
            .formatted(
                target,
                layers,
                loss,
                target.contains("kind") && !layers.contains("'units': 1") ? "y_pred[1]" : "y_pred",
                more));
  }

  private JsonNode train(String job) {
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    return done;
  }

  /** The predictions of the validation rows; outputs besides them by name. */
  private JsonNode predict(String outputs) {
    StringBuilder instances = new StringBuilder();
    for (int i = ROWS / 2; i < ROWS; i++) {
      instances.append(i == ROWS / 2 ? "" : ",").append("{\"a\": ");
      instances.append(i * 7 % 20 / 10.0 - 1).append("}");
    }
    return http.post(
            "/v1/models/answered/versions/latest/predict",
            "{\"instances\": [%s], \"outputs\": [%s]}".formatted(instances, outputs))
        .expect(200)
        .json();
  }

  private static double mean(JsonNode list, String at) {
    double sum = 0;
    for (JsonNode each : list) {
      sum += each.at(at).doubleValue();
    }
    return sum / list.size();
  }

  private double validated(JsonNode job) {
    return job.at("/best/val_mean").doubleValue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'column': 'price'}                     | {'type': 'expression', 'expression': '(y_pred - y_true)^2'}",
        "{'column': 'price', 'scale': 'minmax'}  | {'type': 'expression', 'expression': '(y_pred - y_true)^2'}",
        "{'column': 'flag', 'type': 'number'}    | {'type': 'hinge'}",
        "{'column': 'flag', 'type': 'number'}    | {'type': 'binary_crossentropy', 'from_logits': true}",
      })
  void anExpressionSeesTheNumbersThatAreAnswered(String target, String loss) {
    JsonNode done = train(job(target, "{'type': 'dense', 'units': 1}", loss, ""));
    double answered = mean(predict("").get("predictions"), "/y");
    assertThat(validated(done)).isCloseTo(answered, within(1e-5 * Math.abs(answered) + 1e-6));
  }

  @Test
  void anExpressionSeesTheNumbersOfSeveralUnits() {
    JsonNode done =
        train(
            job(
                "{'columns': ['price', 'flag']}",
                "{'type': 'dense', 'units': 2}",
                "{'type': 'expression', 'expression': 'mean((y_pred - y_true)^2)'}",
                ""));
    JsonNode predictions = predict("").get("predictions");
    double answered = (mean(predictions, "/y/price") + mean(predictions, "/y/flag")) / 2;
    assertThat(validated(done)).isCloseTo(answered, within(1e-5 * Math.abs(answered) + 1e-6));
  }

  /** Probabilities that an expression makes are served as they are, and measured so. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type': 'dense', 'units': 2, 'activation': 'softmax'}, {'type': 'lambda', 'name': 'out', 'expression': 'clip(x, 0.01, 0.99)'}",
        "{'type': 'dense', 'name': 'p', 'units': 2, 'activation': 'softmax'}, {'type': 'dense', 'name': 'q', 'inputs': ['x'], 'units': 2, 'activation': 'softmax'}, {'type': 'average', 'name': 'out', 'inputs': ['p', 'q']}",
      })
  void probabilitiesAreServedAsTheyAre(String layers) {
    String loss = "{'type': 'expression', 'expression': '-sum(y_true * log(y_pred))'}";
    JsonNode done = train(job("{'column': 'kind'}", layers, loss, ", 'log_loss'"));
    JsonNode answer = predict("\"out\"");
    double entropy = 0;
    for (int i = 0; i < ROWS / 2; i++) {
      JsonNode row = answer.get("predictions").get(i);
      JsonNode output = answer.at("/outputs/out/" + i);
      double no = row.at("/probabilities/no").doubleValue();
      double yes = row.at("/probabilities/yes").doubleValue();
      assertThat(no).isEqualTo(output.get(0).doubleValue());
      assertThat(yes).isEqualTo(output.get(1).doubleValue());
      double a = (i + ROWS / 2) * 7 % 20 / 10.0 - 1;
      entropy -= Math.log((a > 0 ? yes : no) / (yes + no)) / (ROWS / 2.0);
    }
    assertThat(validated(done))
        .isCloseTo(mean(answer.get("predictions"), "/probabilities/yes"), within(1e-6));
    assertThat(done.at("/best/val_log_loss").doubleValue()).isCloseTo(entropy, within(1e-6));
  }

  @Test
  void logitsOfAnExpressionAreServedThroughASoftmax() {
    String loss =
        "{'type': 'expression', 'expression': 'log(sum(exp(y_pred))) - sum(y_true * y_pred)', 'from_logits': true}";
    JsonNode done =
        train(job("{'column': 'kind'}", "{'type': 'dense', 'units': 2, 'name': 'out'}", loss, ""));
    JsonNode answer = predict("\"out\"");
    JsonNode output = answer.at("/outputs/out/0");
    double margin = output.get(1).doubleValue() - output.get(0).doubleValue();
    assertThat(answer.at("/predictions/0/probabilities/yes").doubleValue())
        .isCloseTo(1 / (1 + Math.exp(-margin)), within(1e-6));
    assertThat(validated(done))
        .isCloseTo(mean(answer.get("predictions"), "/probabilities/yes"), within(1e-6));
  }

  /** One linear unit on labels 0 and 1 decides at one half. */
  @Test
  void aNumberForAClassDecidesAtOneHalf() {
    String loss = "{'type': 'expression', 'expression': '(y_pred - y_true)^2'}";
    JsonNode done =
        train(
            job(
                "{'column': 'kind'}",
                "{'type': 'dense', 'units': 1, 'name': 'out', 'bias_initializer': 'zeros'}",
                loss,
                ", 'accuracy'"));
    JsonNode answer = predict("\"out\"");
    int right = 0;
    for (int i = 0; i < ROWS / 2; i++) {
      double output = answer.at("/outputs/out/" + i + "/0").doubleValue();
      JsonNode row = answer.get("predictions").get(i);
      assertThat(row.get("y").stringValue()).isEqualTo(output >= 0.5 ? "yes" : "no");
      assertThat(row.at("/probabilities/yes").doubleValue()).isEqualTo(output);
      double a = (i + ROWS / 2) * 7 % 20 / 10.0 - 1;
      right += row.get("y").stringValue().equals(kind(a)) ? 1 : 0;
    }
    assertThat(done.at("/best/val_accuracy").doubleValue()).isEqualTo(right / (ROWS / 2.0));
  }

  /** A margin decides at 0 and is no probability, on every route. */
  @Test
  void hingeHasNoProbabilities() {
    JsonNode done =
        train(
            job(
                "{'column': 'kind'}",
                "{'type': 'dense', 'units': 1, 'name': 'out'}",
                "'hinge'",
                ", 'accuracy'"));
    JsonNode answer = predict("\"out\"");
    double margins = 0;
    for (int i = 0; i < ROWS / 2; i++) {
      double margin = answer.at("/outputs/out/" + i + "/0").doubleValue();
      JsonNode row = answer.get("predictions").get(i);
      assertThat(row.propertyNames()).containsExactly("y");
      assertThat(row.get("y").stringValue()).isEqualTo(margin >= 0 ? "yes" : "no");
      margins += margin / (ROWS / 2.0);
    }
    assertThat(validated(done)).isCloseTo(margins, within(1e-6));

    int version = done.at("/result/version").intValue();
    JsonNode metadata = http.get("/v2/models/answered/versions/" + version).json();
    assertThat(metadata.get("outputs")).hasSize(1);
    JsonNode inferred =
        http.post(
                "/v2/models/answered/versions/" + version + "/infer",
                "{\"inputs\": [{\"name\": \"a\", \"shape\": [1], \"datatype\": \"FP64\", \"data\": [0.5]}]}")
            .expect(200)
            .json();
    assertThat(inferred.get("outputs")).hasSize(1);
    JsonNode evaluated =
        http.post(
                "/v1/models/answered/versions/" + version + "/evaluation",
                "{\"dataset\": {\"name\": \"answered\"}}")
            .expect(200)
            .json();
    assertThat(evaluated.at("/metrics/accuracy").isNumber()).isTrue();
    assertThat(evaluated.get("metrics").has("log_loss")).isFalse();

    // Numbers under an expression and under mse: null where one is outside 0 to 1, and why.
    for (String loss :
        List.of("'mse'", "{'type': 'expression', 'expression': '(y_pred - y_true)^2'}")) {
      JsonNode plain =
          train(job("{'column': 'kind'}", "{'type': 'dense', 'units': 1}", loss, ", 'log_loss'"));
      assertThat(plain.get("best").has("val_log_loss")).as(loss).isTrue();
      assertThat(plain.at("/best/val_log_loss").isNull()).as(plain.get("best").toString()).isTrue();
      assertThat(plain.at("/best/metric_notes/val_log_loss").stringValue())
          .contains("lies outside 0 to 1");
    }

    String refused =
        job("{'column': 'kind'}", "{'type': 'dense', 'units': 1}", "'hinge'", ", 'log_loss'");
    assertThat(http.post("/v1/jobs", refused).expect(422).pointers())
        .containsExactly("/training/metrics/1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type': 'dense', 'units': 2}                                                               | ''                      | true",
        "{'type': 'dense', 'units': 2}                                                               | , 'from_logits': true   | false",
        "{'type': 'dense', 'units': 2}                                                               | , 'from_logits': false  | false",
        "{'type': 'dense', 'units': 2, 'activation': 'softmax'}                                      | ''                      | false",
        "{'type': 'dense', 'units': 2, 'activation': 'log_softmax'}                                  | ''                      | false",
        "{'type': 'dense', 'units': 2, 'activation': 'softmax'}, {'type': 'lambda', 'expression': 'clip(x, 0, 1)'} | ''        | true",
        "{'type': 'dense', 'name': 'p', 'units': 2, 'activation': 'softmax'}, {'type': 'average', 'inputs': ['p', 'p']} | ''  | false",
      })
  void whatTheLayersDoNotShowIsWarnedOf(String layers, String member, boolean warned) {
    String loss = "{'type': 'expression', 'expression': '-sum(y_true * y_pred)'" + member + "}";
    String body = job("{'column': 'kind'}", layers, loss, "");
    JsonNode validation = http.post("/v1/models:validate", body).expect(200).json();
    assertThat(validation.get("errors")).as("%s", validation).isEmpty();
    assertThat(validation.get("warnings").toString().contains("from_logits_unknown"))
        .isEqualTo(warned);
  }

  @Test
  void aNumberHasNoLogits() {
    String loss =
        "{'type': 'expression', 'expression': '(y_pred - y_true)^2', 'from_logits': true}";
    String body = job("{'column': 'price'}", "{'type': 'dense', 'units': 1}", loss, "");
    assertThat(http.post("/v1/jobs", body).expect(422).pointers())
        .containsExactly("/training/loss/from_logits");
  }
}
