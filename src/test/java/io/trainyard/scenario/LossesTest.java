package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A job with every loss is valid, trains, and its version answers in the target's terms. */
@ServiceTest
@Timeout(120)
class LossesTest {
  @Autowired private Http http;

  @BeforeEach
  void upload() {
    StringBuilder csv = new StringBuilder("a,b,amount,count,kind,flag,weight\n");
    for (int i = 0; i < 60; i++) {
      double a = i % 10 / 10.0;
      int tens = i / 10;
      double b = tens / 6.0;
      csv.append(
          "%s,%s,%s,%d,%s,%s,%s%n"
              .formatted(
                  a,
                  b,
                  500 + 200 * a - 100 * b,
                  (int) (3 * a + b),
                  a < 0.3 ? "low" : a < 0.7 ? "mid" : "top",
                  a > 0.45 ? "yes" : "no",
                  i % 4));
    }
    http.upload("losses", csv.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mse                                     | linear",
        "mae                                     | linear",
        "rmse                                    | linear",
        "sse                                     | linear",
        "{'type': 'huber', 'delta': 0.5}         | linear",
        "log_cosh                                | linear",
        "mape                                    | linear",
        "{'type': 'quantile', 'q': 0.5}          | linear",
        "{'type': 'smooth_l1', 'beta': 0.5}      | linear",
        "gaussian_nll                            | linear",
        "{'type': 'expression', 'expression': 'sqrt(1 + (y_pred - y_true)^2) - 1'} | linear",
      })
  void numbersAreAnsweredInTheirUnits(String loss, String last) {
    int units = loss.equals("gaussian_nll") ? 2 : 1;
    JsonNode answers =
        trainAndAsk(job(loss, "amount", "'scale': 'standard'", units, last, "'metrics': ['mae']"));
    assertThat(answers.at("/0/y").doubleValue()).isBetween(400.0, 600.0);
    assertThat(answers.at("/1/y").doubleValue()).isBetween(580.0, 720.0);
  }

  @ParameterizedTest
  @CsvSource({"poisson, softplus", "msle, softplus", "poisson, exponential"})
  void countsAreNeverNegative(String loss, String last) {
    JsonNode answers = trainAndAsk(job(loss, "count", "'scale': 'none'", 1, last, ""));
    assertThat(answers.at("/0/y").doubleValue()).isBetween(0.0, 0.8);
    assertThat(answers.at("/1/y").doubleValue()).isBetween(1.5, 3.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "categorical_crossentropy                                | softmax",
        "sparse_categorical_crossentropy                         | softmax",
        "{'type': 'categorical_crossentropy', 'from_logits': true} | linear",
        "focal                                                   | softmax",
        "{'type': 'focal', 'gamma': 1, 'from_logits': true}      | linear",
        "kl_divergence                                           | softmax",
        "kl_divergence                                           | log_softmax",
        "{'type': 'kl_divergence', 'from_logits': true}          | linear",
        "nll                                                     | log_softmax",
        "cosine                                                  | softmax",
        "{'type': 'expression', 'expression': '-sum(y_true * log(y_pred + 1e-6))'} | softmax",
        "{'type': 'expression', 'expression': '-sum(y_true * y_pred)'} | log_softmax",
      })
  void labelsAreAnsweredWithProbabilities(String loss, String last) {
    JsonNode answers =
        trainAndAsk(job(loss, "kind", "'type': 'class'", 3, last, "'metrics': ['accuracy']"));
    assertThat(answers.at("/0/y").stringValue()).isEqualTo("low");
    assertThat(answers.at("/1/y").stringValue()).isEqualTo("top");
    assertProbabilities(answers);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "binary_crossentropy                                   | sigmoid",
        "{'type': 'binary_crossentropy', 'from_logits': true}  | linear",
        "focal                                                 | sigmoid",
        "{'type': 'focal', 'from_logits': true}                | linear",
        "{'type': 'expression', 'expression': 'softplus(y_pred) - y_true * y_pred', 'from_logits': true} | linear",
      })
  void oneUnitDecidesBetweenTwoLabels(String loss, String last) {
    JsonNode answers =
        trainAndAsk(job(loss, "flag", "'type': 'class'", 1, last, "'metrics': ['accuracy']"));
    assertThat(answers.at("/0/y").stringValue()).isEqualTo("no");
    assertThat(answers.at("/1/y").stringValue()).isEqualTo("yes");
    assertProbabilities(answers);
  }

  @ParameterizedTest
  @CsvSource({"hinge, linear", "squared_hinge, tanh"})
  void marginsDecideBetweenTwoLabels(String loss, String last) {
    JsonNode answers =
        trainAndAsk(job(loss, "flag", "'type': 'class'", 1, last, "'metrics': ['accuracy']"));
    assertThat(answers.at("/0/y").stringValue()).isEqualTo("no");
    assertThat(answers.at("/1/y").stringValue()).isEqualTo("yes");
    assertThat(answers.at("/0").propertyNames()).containsExactly("y");
  }

  @Test
  void weightsAndSmoothingTrainToo() {
    JsonNode answers =
        trainAndAsk(
            job(
                "categorical_crossentropy",
                "kind",
                "'type': 'class'",
                3,
                "softmax",
                "'label_smoothing': 0.05, 'sample_weight': 'weight', 'class_weights': 'balanced'"));
    assertThat(answers.at("/0/y").stringValue()).isEqualTo("low");
    assertThat(answers.at("/1/y").stringValue()).isEqualTo("top");
  }

  /** Weights that never change: the losses differ only by how rows count. */
  @Test
  void validationCountsRowsByTheirWeightsAndNotByTheirClasses() {
    String rows = "'split': {'validation': 0.5, 'by': 'file_order'}";
    String plain = losses(rows, "");
    String classes = losses(rows, ", 'class_weights': {'yes': 5}");
    String samples = losses(rows, ", 'sample_weight': 'weight'");
    assertThat(part(classes, 1)).isEqualTo(part(plain, 1));
    assertThat(part(classes, 0)).isNotEqualTo(part(plain, 0));
    assertThat(part(samples, 1)).isNotEqualTo(part(plain, 1));
    assertThat(part(samples, 0)).isNotEqualTo(part(plain, 0));
  }

  /** The loss of the training rows and that of the validation rows. */
  private String losses(String rows, String more) {
    String job =
        job("binary_crossentropy", "flag", "'type': 'class'", 1, "sigmoid", "'shuffle': false")
            .replace("'name': 'losses'}", "'name': 'losses', " + rows + "}")
            .replace("'epochs': 60", "'epochs': 1" + more)
            .replace("'learning_rate': 0.05", "'learning_rate': 1e-30");
    JsonNode metrics = http.train(quoted(job)).get("metrics");
    return metrics.get("loss") + " " + metrics.get("val_loss");
  }

  private static double part(String losses, int index) {
    return Double.parseDouble(losses.split(" ", 2)[index]);
  }

  private static void assertProbabilities(JsonNode answers) {
    for (JsonNode answer : answers) {
      double sum = 0;
      for (JsonNode probability : answer.get("probabilities")) {
        sum += probability.doubleValue();
      }
      assertThat(sum).as(answer.toString()).isCloseTo(1, within(1e-5));
      assertThat(answer.at("/probabilities/" + answer.get("y").stringValue()).doubleValue())
          .as(answer.toString())
          .isGreaterThan(1.0 / answer.get("probabilities").size());
    }
  }

  /** The answers for a row with the least and one with the greatest values. */
  private JsonNode trainAndAsk(String job) {
    String body = quoted(job);
    JsonNode validation = http.post("/v1/models:validate", body).expect(200).json();
    assertThat(validation.get("errors")).as(validation.toString()).isEmpty();
    JsonNode done = http.train(body);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    int version = done.at("/result/version").intValue();
    return http.post(
            "/v1/models/losses/versions/" + version + "/predict",
            "{\"instances\": [{\"a\": 0, \"b\": 0.5}, {\"a\": 0.9, \"b\": 0.5}]}")
        .expect(200)
        .json()
        .get("predictions");
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static String job(
      String loss, String column, String target, int units, String last, String more) {
    return """
    {'model': {'name': 'losses', 'inputs': {'x': {'columns': ['a', 'b']}},
               'targets': {'y': {'column': '%s', %s}},
               'network': {'layers': [{'type': 'dense', 'units': 8, 'activation': 'tanh'},
                                      {'type': 'dense', 'units': %d, 'activation': '%s'}]}},
     'dataset': {'name': 'losses'},
     'training': {'loss': %s, 'epochs': 60, 'batch_size': 10, 'seed': 5,
                  'optimizer': {'type': 'adam', 'learning_rate': 0.05}%s}}
    """
        .formatted(
            column,
            target,
            units,
            last,
            loss.startsWith("{") ? loss : "'" + loss + "'",
            more.isEmpty() ? "" : ", " + more);
  }
}
