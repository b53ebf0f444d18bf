package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The main job on real data: a CSV, a spec, a job, a version, an answer. */
@ScenarioTest
class MainJobTest {
  @Autowired private Http http;

  private static final Path DATA = Path.of("src/test/resources/data");

  @ParameterizedTest
  @ValueSource(strings = {"iris", "wine", "breast_cancer"})
  void classifierReachesTheFieldsAccuracyOnHeldOutRows(String name) throws Exception {
    String csv = Files.readString(data(name));
    http.upload(name, csv);
    List<String> header = header(csv);
    String target = header.getLast();
    String job =
        """
        {"model": {"name": "%s",
                   "inputs": {"x": {"columns": "*", "scale": "standard"}},
                   "targets": {"%s": {"column": "%s", "type": "class"}},
                   "network": {"layers": [
                     {"type": "dense", "units": 16, "activation": "relu"},
                     {"type": "dense", "units": %d, "activation": "softmax"}]}},
         "dataset": {"name": "%s", "split": {"validation": 0.2, "test": 0.2, "stratify": "%s"}},
         "training": {"loss": "categorical_crossentropy", "epochs": 60, "batch_size": 16, "seed": 3,
                      "optimizer": {"type": "adam", "learning_rate": 0.01}, "metrics": ["accuracy"]}}
        """
            .formatted(name, target, target, distinct(csv), name, target);
    JsonNode done = http.train(job);
    assertThat(done.at("/metrics/test_accuracy").doubleValue()).isGreaterThanOrEqualTo(0.93);
    assertThat(done.at("/result/version").intValue()).isPositive();

    JsonNode answer =
        http.post(
                "/v1/models/" + name + "/predict",
                "{\"instances\":[" + firstRow(csv, header) + "]}")
            .expect(200)
            .json();
    JsonNode prediction = answer.at("/predictions/0");
    assertThat(prediction.get("probabilities").size()).isEqualTo(distinct(csv));
    assertThat(prediction.get(target).asString())
        .isEqualTo(csv.lines().skip(1).findFirst().orElseThrow().replaceAll(".*,", ""));
  }

  @Test
  void regressionBeatsTheMeanClearly() throws Exception {
    String csv = Files.readString(data("diabetes"));
    http.upload("diabetes", csv);
    String job =
        """
        {"model": {"name": "diabetes-net",
                   "inputs": {"x": {"columns": "*", "scale": "standard"}},
                   "targets": {"%1$s": {"column": "%1$s", "scale": "standard"}},
                   "network": {"layers": [{"type": "dense", "units": 16, "activation": "tanh"},
                                          {"type": "dense", "units": 1}]}},
         "dataset": {"name": "diabetes", "split": {"validation": 0.2, "test": 0.2}},
         "training": {"loss": "mse", "epochs": 100, "seed": 7, "metrics": ["r2", "rmse"],
                      "optimizer": {"type": "adam", "learning_rate": 0.005},
                      "early_stopping": {"monitor": "val_loss", "patience": 15}}}
        """
            .formatted(header(csv).getLast());
    JsonNode done = http.train(job);
    // The mean predictor has an r2 of 0.
    assertThat(done.at("/metrics/test_r2").doubleValue()).isGreaterThan(0.3);
  }

  @Test
  void scaledTargetsAreMeasuredInTheirOwnUnits() throws Exception {
    http.upload("euros", "x,price,rent\n1,10,1\n2,20,2\n3,60,6\n");
    // A net of zeros that hardly learns answers the mean of what is scaled: 30, and 3.
    String job =
        """
        {"model": {"name": "euros", "inputs": {"x": {"columns": ["x"]}},
                   "targets": {"both": {"columns": ["price", "rent"], "scale": "standard"}},
                   "network": {"layers": [{"type": "dense", "units": 2, "initializer": "zeros"}]}},
         "dataset": {"name": "euros"},
         "training": {"loss": "mse", "epochs": 1, "seed": 7, "metrics": ["mae", "rmse", "mse", "r2"],
                      "optimizer": {"type": "sgd", "learning_rate": 1e-12}}}
        """;
    JsonNode metrics = http.train(job).get("metrics");
    // (20 + 10 + 30) / 3 and a tenth of it, and their mean
    assertThat(metrics.get("mae").doubleValue()).isCloseTo(11, within(1e-5));
    // (400 + 100 + 900) / 3 and a hundredth of it, and their mean
    assertThat(metrics.get("mse").doubleValue()).isCloseTo(1414.0 / 6, within(1e-4));
    assertThat(metrics.get("rmse").doubleValue()).isCloseTo(Math.sqrt(1414.0 / 6), within(1e-5));
    assertThat(metrics.get("r2").doubleValue()).isCloseTo(0, within(1e-6));
    assertThat(metrics.get("loss").doubleValue()).as("of scaled values").isCloseTo(1, within(1e-6));
  }

  @Test
  void xorIsLearnedFromFourRows() {
    http.post("/v1/samples/xor");
    JsonNode sample = http.get("/v1/datasets/xor/versions/latest/rows").expect(200).json();
    assertThat(sample.get("rows").size()).isEqualTo(4);
    List<String> columns = List.copyOf(sample.at("/rows/0").propertyNames());
    String job =
        """
        {"model": {"name": "xor", "inputs": {"x": {"columns": ["%1$s", "%2$s"]}},
                   "targets": {"%3$s": {"column": "%3$s", "type": "class"}},
                   "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"},
                                          {"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 500, "batch_size": 4, "seed": 1,
                      "optimizer": {"type": "adam", "learning_rate": 0.05}, "metrics": ["accuracy"]}}
        """
            .formatted(columns.get(0), columns.get(1), columns.get(2));
    JsonNode done = http.train(job);
    assertThat(done.at("/metrics/accuracy").doubleValue()).isEqualTo(1.0);
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("epochs");
    assertThat(done.at("/progress/fraction").doubleValue()).isEqualTo(1.0);
    assertThat(done.at("/progress/eta_seconds").doubleValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"2,categorical_crossentropy", "1,binary_crossentropy"})
  void logitsAreAnsweredAsShares(int units, String loss) {
    http.upload("signs", "a,s\n-3,minus\n-2,minus\n2,plus\n3,plus\n");
    String name = "signs-" + units;
    String job =
        """
        {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
                   "targets": {"s": {"column": "s"}},
                   "network": {"layers": [{"type": "dense", "name": "logits", "units": %d}]}},
         "dataset": {"name": "signs"},
         "training": {"loss": {"type": "%s", "from_logits": true}, "epochs": 50, "batch_size": 4,
                      "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.05}}}
        """
            .formatted(name, units, loss);
    http.train(job);
    JsonNode answer =
        http.post(
                "/v1/models/" + name + "/predict",
                "{\"instances\":[{\"a\":0.1}],\"outputs\":[\"logits\"]}")
            .expect(200)
            .json();
    JsonNode logits = answer.at("/outputs/logits/0");
    double difference =
        units == 1
            ? logits.get(0).doubleValue()
            : logits.get(1).doubleValue() - logits.get(0).doubleValue();
    double plus = 1 / (1 + Math.exp(-difference));
    assertThat(answer.at("/predictions/0/probabilities/plus").doubleValue())
        .isCloseTo(plus, within(1e-6));
    assertThat(answer.at("/predictions/0/probabilities/minus").doubleValue())
        .isCloseTo(1 - plus, within(1e-6));
    assertThat(answer.at("/predictions/0/s").stringValue())
        .isEqualTo(plus >= 0.5 ? "plus" : "minus");
  }

  @Test
  void aLastBatchOfOneRowDoesNotStopBatchNorm() {
    http.upload("five", "a,b\n1,2\n2,4\n3,6\n4,8\n5,10\n");
    String job =
        """
        {"model": {"name": "five", "inputs": {"x": {"columns": ["a"]}},
                   "targets": {"b": {"column": "b"}},
                   "network": {"layers": [{"type": "dense", "units": 4}, {"type": "batch_norm"},
                                          {"type": "dense", "units": 1}]}},
         "dataset": {"name": "five"},
         "training": {"loss": "mse", "epochs": 3, "batch_size": 2, "seed": 1}}
        """;
    JsonNode done = http.train(job);
    assertThat(done.at("/metrics/loss").isNumber()).isTrue();
  }

  private static Path data(String name) {
    return name.equals("iris")
        ? Path.of("src/examples/iris/iris.csv")
        : DATA.resolve(name + ".csv");
  }

  private static List<String> header(String csv) {
    return Arrays.asList(csv.lines().findFirst().orElseThrow().split(","));
  }

  private static int distinct(String csv) {
    return (int) csv.lines().skip(1).map(line -> line.replaceAll(".*,", "")).distinct().count();
  }

  private static String firstRow(String csv, List<String> header) {
    String[] cells = csv.lines().skip(1).findFirst().orElseThrow().split(",");
    StringBuilder row = new StringBuilder("{");
    for (int i = 0; i < header.size() - 1; i++) {
      row.append(i == 0 ? "" : ",")
          .append('"')
          .append(header.get(i))
          .append("\":")
          .append(cells[i]);
    }
    return row.append('}').toString();
  }
}
