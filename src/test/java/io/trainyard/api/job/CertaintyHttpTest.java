package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Calibrated probabilities, sets and intervals are learned, stored and answered on every route. */
@ServiceTest
@Timeout(120)
class CertaintyHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "%1$s", "inputs": {"x": {"columns": ["a", "b"]}},
        "targets": {"kind": {"column": "kind"}, "price": {"column": "price", "scale": "standard"}},
        "network": {"layers": [
          {"type": "dense", "name": "h", "units": 8, "activation": "tanh"},
          {"type": "dense", "name": "kind", "units": 3, "activation": "softmax", "inputs": ["h"]},
          {"type": "dense", "name": "price", "units": 1, "inputs": ["h"]}],
         "outputs": ["kind", "price"]}},
       "dataset": {"name": "certain", "split": {"validation": 0.4, "test": 0.3}},
       "training": {"losses": {"kind": "categorical_crossentropy", "price": "mse"}, "epochs": 30,
         "seed": 5, "optimizer": {"type": "adam", "learning_rate": 0.05}%2$s}}
      """;

  @Autowired private Http http;

  /** 600 rows of three classes that overlap, and a number with noise. */
  private void upload() {
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("a,b,kind,price\n");
    for (int i = 0; i < 600; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double shown = a + 0.8 * random.nextGaussian();
      String kind = shown < -0.5 ? "low" : shown < 0.5 ? "mid" : "top";
      csv.append(a).append(',').append(b).append(',').append(kind).append(',');
      csv.append(100 + 20 * b + 5 * random.nextGaussian()).append('\n');
    }
    http.upload("certain", csv.toString());
  }

  private JsonNode trained(String name, String more) {
    return http.train(JOB.formatted(name, more));
  }

  @Test
  void everyRouteAnswersTheSame() {
    upload();
    JsonNode job =
        trained(
            "sure",
            ", \"calibration\": \"temperature\", \"intervals\": {\"coverage\": 0.8}, \"metrics\":"
                + " [\"brier\", \"ece\", \"log_loss\", \"coverage\", \"interval_width\"]");
    String id = job.get("id").stringValue();
    JsonNode version = http.get("/v1/models/sure/versions/1").expect(200).json();
    JsonNode kind = version.at("/encoding/targets/kind");
    assertThat(kind.at("/calibration/temperature").doubleValue()).isPositive();
    assertThat(kind.at("/calibration/rows").intValue()).isEqualTo(120);
    assertThat(kind.at("/intervals/rows").intValue()).isEqualTo(120);
    assertThat(version.at("/encoding/targets/price/intervals/rows").intValue()).isEqualTo(240);
    double half = version.at("/encoding/targets/price/intervals/half_widths/0").doubleValue();

    for (String part : new String[] {"val_", "test_"}) {
      JsonNode metrics = version.get("metrics");
      assertThat(metrics.get(part + "kind_coverage").doubleValue()).isCloseTo(0.8, within(0.12));
      assertThat(metrics.get(part + "price_coverage").doubleValue()).isCloseTo(0.8, within(0.1));
      assertThat(metrics.get(part + "price_interval_width").doubleValue())
          .isCloseTo(2 * half, within(1e-9 * half));
      assertThat(metrics.get(part + "kind_ece").doubleValue()).isBetween(0.0, 0.25);
      assertThat(metrics.get(part + "kind_brier").doubleValue()).isBetween(0.1, 0.7);
    }
    // No epoch has what is learned at the end.
    JsonNode epoch = http.get("/v1/jobs/" + id + "/metrics").expect(200).json().at("/epochs/0");
    assertThat(epoch.has("val_kind_ece")).isTrue();
    assertThat(epoch.has("val_kind_coverage")).isFalse();

    JsonNode one =
        http.post("/v1/models/sure/predict", "{\"instances\": [{\"a\": 0.1, \"b\": 1}]}")
            .expect(200)
            .json()
            .at("/predictions/0");
    double price = one.get("price").doubleValue();
    assertThat(one.at("/interval/price/0").doubleValue()).isEqualTo(price - half);
    assertThat(one.at("/interval/price/1").doubleValue()).isEqualTo(price + half);
    assertThat(one.at("/set/kind").isEmpty()).isFalse();

    JsonNode columns =
        http.post("/v1/models/sure:predict", "{\"inputs\": {\"a\": [0.1], \"b\": [1]}}")
            .expect(200)
            .json()
            .get("outputs");
    assertThat(columns.at("/price_interval/0/1").doubleValue())
        .isCloseTo(price + half, within(1e-4));
    assertThat(columns.at("/kind_set/0").valueStream().filter(JsonNode::booleanValue).count())
        .isEqualTo(one.at("/set/kind").size());
    assertThat(columns.at("/kind_probabilities/0/1").doubleValue())
        .isCloseTo(one.at("/probabilities/mid").doubleValue(), within(1e-6));

    String infer =
        "{\"inputs\": [{\"name\": \"a\", \"shape\": [1, 1], \"datatype\": \"FP64\", \"data\":"
            + " [0.1]}, {\"name\": \"b\", \"shape\": [1, 1], \"datatype\": \"FP64\", \"data\":"
            + " [1]}]}";
    JsonNode outputs = http.post("/v2/models/sure/infer", infer).expect(200).json().get("outputs");
    JsonNode interval = named(outputs, "price_interval");
    assertThat(interval.get("shape").toString()).isEqualTo("[1,2]");
    assertThat(interval.at("/data/0").doubleValue()).isCloseTo(price - half, within(1e-4));
    assertThat(named(outputs, "kind_set").get("datatype").stringValue()).isEqualTo("BOOL");
    JsonNode described = http.get("/v2/models/sure").expect(200).json().get("outputs");
    assertThat(named(described, "kind_set").get("shape").toString()).isEqualTo("[-1,3]");

    JsonNode evaluation = http.get("/v1/jobs/" + id + "/evaluation").expect(200).json();
    assertThat(evaluation.at("/calibration/kind/bins").isEmpty()).isFalse();
    assertThat(evaluation.at("/intervals/kind/sizes").size()).isEqualTo(4);
    assertThat(evaluation.at("/intervals/price/points").size()).isEqualTo(180);
    for (String plot : new String[] {"calibration", "intervals", "intervals?target=price"}) {
      JsonNode drawn = http.get("/v1/jobs/" + id + "/plots/" + plot).expect(200).json();
      assertThat(drawn.at("/series/0/x").isEmpty()).isFalse();
    }

    JsonNode measured =
        http.post(
                "/v1/models/sure/versions/1/evaluation",
                "{\"dataset\": {\"name\": \"certain\"}, \"metrics\": [\"coverage\", \"ece\"]}")
            .expect(200)
            .json()
            .get("metrics");
    assertThat(measured.get("price_coverage").doubleValue()).isCloseTo(0.8, within(0.08));

    String batch =
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"sure\", \"dataset\": {\"name\": \"certain\"}, \"result\":"
                    + " {\"dataset\": \"sure-rows\"}}")
            .expect(202)
            .location();
    JsonNode rows = http.await(batch);
    assertThat(rows.get("state").stringValue()).as(rows.toString()).isEqualTo("succeeded");
    JsonNode first =
        http.get("/v1/datasets/sure-rows/versions/1/rows?page_size=1").expect(200).json();
    assertThat(first.toString())
        .contains("predicted_price_low", "predicted_price_high", "predicted_kind_set");
  }

  private static JsonNode named(JsonNode tensors, String name) {
    return tensors
        .valueStream()
        .filter(each -> each.get("name").stringValue().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void faultsAndWarningsNameTheirPlaces() {
    upload();
    assertThat(faults(", \"calibration\": \"isotonic\""))
        .contains("/training/calibration", "there are 240 validation rows");
    assertThat(faults(", \"calibration\": \"platt\""))
        .contains("/training/calibration", "none, temperature, isotonic");
    assertThat(faults(", \"intervals\": {\"coverage\": 90}"))
        .contains("/training/intervals/coverage", "write 0.9");
    assertThat(faults(", \"intervals\": {\"from\": [\"price\", \"other\"]}"))
        .contains("/training/intervals/from/0", "/training/intervals/from/1", "quantile");
    assertThat(faults(", \"metrics\": {\"price\": [\"coverage\"]}"))
        .contains("/training/metrics/price/0", "add \\\"intervals\\\"");
    assertThat(
            faults(
                ", \"intervals\": {\"from\": \"price\"}, \"metrics\": {\"price\": [\"coverage\"]}"))
        .contains("/training/intervals/from", "[\\\"low\\\", \\\"high\\\"]; got the string 'price'")
        .doesNotContain("/training/metrics");
    assertThat(
            faults(
                ", \"intervals\": {}, \"metrics\": [\"coverage\"], \"monitor\":"
                    + " \"val_kind_coverage\""))
        .contains("/training/monitor", "no epoch has it");
    String alone = JOB.formatted("few", ", \"calibration\": \"temperature\", \"intervals\": {}");
    assertThat(
            http.post("/v1/models:validate", alone.replace("\"validation\": 0.4, ", ""))
                .expect(200)
                .text())
        .contains("/training/calibration", "/training/intervals", "learned on validation rows");
    JsonNode warnings =
        http.post(
                "/v1/models:validate",
                JOB.formatted(
                        "few",
                        ", \"calibration\": \"temperature\", \"intervals\": {\"coverage\": 0.99}")
                    .replace("\"validation\": 0.4", "\"validation\": 0.1"))
            .expect(200)
            .json();
    assertThat(warnings.get("valid").booleanValue()).as(warnings.toString()).isTrue();
    assertThat(warnings.get("warnings").toString())
        .contains("too_few_for_coverage", "certainty_shares_rows", "few_rows_to_calibrate");
  }

  private String faults(String more) {
    JsonNode answer =
        http.post("/v1/models:validate", JOB.formatted("faulty", more)).expect(200).json();
    assertThat(answer.get("valid").booleanValue()).isFalse();
    return answer.get("errors").toString();
  }

  @Test
  void twoQuantilesMakeOneInterval() {
    upload();
    String job =
        """
        {"model": {"name": "band", "inputs": {"x": {"columns": ["a", "b"]}},
          "targets": {"low": {"column": "price", "scale": "standard"},
                      "high": {"column": "price", "scale": "standard"}},
          "network": {"layers": [
            {"type": "dense", "name": "h", "units": 8, "activation": "tanh"},
            {"type": "dense", "name": "low", "units": 1, "inputs": ["h"]},
            {"type": "dense", "name": "high", "units": 1, "inputs": ["h"]}],
           "outputs": ["low", "high"]}},
         "dataset": {"name": "certain", "split": {"validation": 0.4, "test": 0.3}},
         "training": {"losses": {"low": {"type": "quantile", "q": 0.1}, "high": {"type": "quantile", "q": 0.9}},
           "intervals": {"coverage": 0.8, "from": ["low", "high"]}, "metrics": ["coverage"],
           "epochs": 20, "seed": 5, "optimizer": {"type": "adam", "learning_rate": 0.05}}}
        """;
    JsonNode ended = http.train(job);
    String id = ended.get("id").stringValue();
    assertThat(ended.at("/metrics/test_low_coverage").doubleValue()).isCloseTo(0.8, within(0.12));
    assertThat(ended.at("/metrics/test_high_coverage"))
        .isEqualTo(ended.at("/metrics/test_low_coverage"));
    JsonNode one =
        http.post("/v1/models/band/predict", "{\"instances\": [{\"a\": 0, \"b\": 1}]}")
            .expect(200)
            .json()
            .at("/predictions/0");
    assertThat(one.at("/interval").propertyNames()).containsExactly("price");
    assertThat(one.at("/interval/price/0").doubleValue()).isBetween(100.0, 121.0);
    assertThat(one.at("/interval/price/1").doubleValue()).isBetween(119.0, 140.0);
    JsonNode drawn = http.get("/v1/jobs/" + id + "/plots/intervals").expect(200).json();
    assertThat(drawn.get("title").stringValue()).contains("Intervals of price");
  }

  @Test
  void quantilesMayHaveTheNamesOfTheEndsOfAnInterval() {
    upload();
    http.train(
        """
        {"model": {"name": "ends", "inputs": {"x": {"columns": ["a", "b"]}},
          "targets": {"price_low": {"column": "price"}, "price_high": {"column": "price"}},
          "network": {"layers": [
            {"type": "dense", "name": "price_low", "units": 1, "inputs": ["x"]},
            {"type": "dense", "name": "price_high", "units": 1, "inputs": ["x"]}],
           "outputs": ["price_low", "price_high"]}},
         "dataset": {"name": "certain", "split": {"validation": 0.4}},
         "training": {"losses": {"price_low": {"type": "quantile", "q": 0.1}, "price_high": {"type": "quantile", "q": 0.9}},
           "intervals": {"coverage": 0.8, "from": ["price_low", "price_high"]}, "epochs": 1, "seed": 5}}
        """);
    String path =
        http.post(
                "/v1/batch-predictions",
                """
                {"model": "ends", "dataset": {"name": "certain"}, "result": {"dataset": "certain-ends"}}
                """)
            .expect(202)
            .location();
    assertThat(http.await(path).get("state").stringValue()).isEqualTo("succeeded");
    assertThat(http.get("/v1/datasets/certain-ends").expect(200).text())
        .contains(
            "\"predicted_price_low\"",
            "\"predicted_price_interval_low\"",
            "\"predicted_price_interval_high\"");
  }

  @Test
  void anEarlierPhaseMayMeasureWhatTheLastOneLearns() {
    upload();
    String body =
        """
        {"model": {"name": "phased", "inputs": {"x": {"columns": ["a", "b"]}},
          "targets": {"price": {"column": "price"}},
          "network": {"layers": [{"type": "dense", "name": "price", "units": 1}]}},
         "dataset": {"name": "certain", "split": {"validation": 0.4}},
         "training": {"loss": "mse", "intervals": {"coverage": 0.8}, "metrics": ["coverage"], "seed": 5,
           "phases": [{"name": "one", "train": ["price"], "epochs": 1}, {"name": "two", "train": ["price"], "epochs": 1}]}}
        """;
    JsonNode found = http.post("/v1/models:validate", body).expect(200).json();
    assertThat(found.get("valid").booleanValue()).as("%s", found.get("errors")).isTrue();
    assertThat(http.train(body).get("state").stringValue()).isEqualTo("succeeded");
  }
}
