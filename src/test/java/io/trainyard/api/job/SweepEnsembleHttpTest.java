package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Multipart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A sweep can end in an ensemble of its trials' fold members, which count more or less. */
class SweepEnsembleHttpTest extends EnsembleFixture {
  private static final int FOLDS = 2;

  private static final String UNITS =
      "\"/model/network/layers/0/units\": [5, 9], \"/training/optimizer/learning_rate\": [0.1,"
          + " 0.2]";

  private static String sweep(String name, String training, String parameters, String more) {
    return "{\"job\": %s, \"parameters\": {%s}, \"cross_validation\": %d%s}"
        .formatted(job(name, training), parameters, FOLDS, more);
  }

  private static String job(String name, String training) {
    String split = "\"test\": 0.2, \"stratify\": \"kind\"";
    return JOB.formatted(name, ", \"scale\": \"standard\"", name, split, 5, training)
        .replace("{\"column\": \"price\"}", "{\"column\": \"price\", \"scale\": \"standard\"}")
        .replace("\"epochs\": 4", "\"epochs\": 8");
  }

  private JsonNode run(String body) {
    String sweep = http.post("/v1/sweeps", body).expect(202).json().get("id").stringValue();
    return http.get("/v1/sweeps/" + sweep + "?wait=60").expect(200).json();
  }

  private JsonNode predict(String model, String more) {
    String body = ROW.replace("]}", "]" + more + "}");
    return http.post("/v1/models/" + model + "/predict", body).expect(200).json();
  }

  /** Its name ends as that of a loss does. */
  @Test
  void theMeanIsChosenByAMetric() {
    http.upload("by-metric", "x,y\n1,a\n2,a\n3,a\n4,a\n5,b\n6,b\n7,b\n8,b\n4.4,b\n4.6,a\n");
    JsonNode sweep =
        run(
            """
            {"job": {"model": {"name": "by-metric", "inputs": {"x": {"columns": ["x"]}},
                      "targets": {"y": {"column": "y"}},
                      "network": {"layers": [{"type": "dense", "units": 2, "activation": "softmax"}]}},
                     "dataset": {"name": "by-metric"},
                     "training": {"loss": "categorical_crossentropy", "epochs": 3, "seed": 1,
                                  "metrics": ["log_loss"]}},
             "parameters": {"/training/epochs": [2, 3]}, "cross_validation": 2,
             "objective": "val_log_loss", "ensemble": {"size": 2}}\
            """);
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    assertThat(sweep.at("/result/ensemble/value").isNumber()).isTrue();
  }

  @Test
  void theBestMeanOfTrialsIsPublished() {
    upload("mixed");
    JsonNode sweep =
        run(
            sweep(
                "mixed",
                ", \"calibration\": \"temperature\", \"intervals\": {\"coverage\": 0.8}",
                UNITS,
                ", \"ensemble\": {\"size\": 8}"));
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    JsonNode chosen = sweep.at("/result/ensemble");
    assertThat(chosen.get("objective").stringValue()).isEqualTo("val_loss");
    double gain = chosen.get("best_value").doubleValue() - chosen.get("value").doubleValue();
    assertThat(chosen.get("gain").doubleValue()).isEqualTo(gain);
    assertThat(gain).isPositive();
    assertThat(chosen.get("rows").intValue()).isEqualTo(73);

    JsonNode version = http.get("/v1/models/mixed/versions/1").expect(200).json();
    assertThat(version.at("/provenance/ensemble")).isEqualTo(chosen);
    JsonNode members = version.at("/provenance/members");
    Map<Integer, Integer> units = new HashMap<>();
    double shares = 0;
    List<Double> weights = new ArrayList<>();
    int at = 0;
    for (JsonNode trial : chosen.get("trials")) {
      for (int fold = 1; fold <= FOLDS; fold++) {
        JsonNode member = members.get(at);
        assertThat(member.get("trial")).isEqualTo(trial.get("trial"));
        assertThat(member.get("fold").intValue()).isEqualTo(fold);
        double share = member.get("weight").doubleValue();
        assertThat(share).isCloseTo(trial.get("weight").doubleValue() / FOLDS, within(1e-12));
        weights.add(share);
        shares += share;
        JsonNode tensor =
            http.get("/v1/models/mixed/versions/1/weights/members." + at + ".h.bias")
                .expect(200)
                .json();
        units.merge(tensor.get("values").size(), 1, Integer::sum);
        assertThat(tensor.get("values").size())
            .isEqualTo(trial.at("/parameters").get("/model/network/layers/0/units").intValue());
        at++;
      }
    }
    assertThat(members.size()).isEqualTo(at);
    assertThat(shares).isCloseTo(1, within(1e-9));
    assertThat(units.size()).as("networks of different sizes").isGreaterThan(1);

    // Its evaluation is of rows that members have not seen; certainty is learned there.
    String job = version.at("/provenance/job").stringValue();
    JsonNode evaluation = http.get("/v1/jobs/" + job + "/evaluation").expect(200).json();
    assertThat(evaluation.get("part").stringValue()).isEqualTo("out_of_fold");
    assertThat(evaluation.get("rows").intValue()).isEqualTo(73);
    assertThat(version.at("/metrics/val_loss").doubleValue())
        .isEqualTo(chosen.get("value").doubleValue());
    assertThat(version.at("/metrics/test_loss").isNumber()).isTrue();
    assertThat(version.at("/encoding/targets/kind/calibration/rows").intValue()).isEqualTo(73);

    StringBuilder asked = new StringBuilder(", \"outputs\": [\"price\"");
    for (int member = 0; member < at; member++) {
      asked.append(", \"members/").append(member).append("/price\"");
    }
    JsonNode answer = predict("mixed", asked.append("]").toString());
    double scale = version.at("/encoding/targets/price/values/columns/0/span").doubleValue();
    for (int row = 0; row < 2; row++) {
      double mean = 0;
      for (int member = 0; member < at; member++) {
        mean += weights.get(member) * said(answer, "members/" + member + "/price", row);
      }
      double squares = 0;
      for (int member = 0; member < at; member++) {
        double off = said(answer, "members/" + member + "/price", row) - mean;
        squares += weights.get(member) * off * off;
      }
      assertThat(said(answer, "price", row)).isCloseTo(mean, within(1e-5));
      JsonNode prediction = answer.at("/predictions/" + row);
      assertThat(prediction.at("/interval/price").size()).isEqualTo(2);
      double std = prediction.at("/uncertainty/price/std").doubleValue();
      assertThat(std).isCloseTo(Math.sqrt(squares) * scale, within(1e-4));
    }
    everyRouteTakes(version);
  }

  private static final String SURE =
      ", \"calibration\": \"temperature\", \"intervals\": {\"coverage\": 0.8}";

  /** Of two trials one learns nothing, so that an ensemble of one and the refit have the same. */
  @Test
  void aRefitLearnsOnTheFoldsHowSureItIs() {
    upload("refit");
    String rates = "\"/training/optimizer/learning_rate\": [1e-6, 0.1]";
    JsonNode ensemble = run(sweep("refit", SURE, rates, ", \"ensemble\": {\"size\": 1}"));
    JsonNode sweep = run(sweep("refit", SURE, rates, ""));
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    JsonNode members = http.get("/v1/models/refit/versions/1").expect(200).json();
    JsonNode version = http.get("/v1/models/refit/versions/2").expect(200).json();
    assertThat(version.at("/spec/network").has("members")).isFalse();
    assertThat(version.at("/provenance/members").isEmpty()).as(version.toString()).isTrue();
    assertThat(version.at("/provenance/training/calibration").stringValue())
        .isEqualTo("temperature");
    JsonNode calibration = version.at("/encoding/targets/kind/calibration");
    assertThat(calibration.get("rows").intValue()).isEqualTo(73);
    assertThat(calibration.get("temperature").doubleValue())
        .isCloseTo(
            members.at("/encoding/targets/kind/calibration/temperature").doubleValue(),
            within(1e-3));
    JsonNode job = http.job("/v1/jobs/" + sweep.at("/best/refit").stringValue());
    assertThat(job.at("/best/val_loss").doubleValue())
        .isCloseTo(ensemble.at("/result/ensemble/value").doubleValue(), within(1e-5));
    assertThat(job.at("/metrics").has("test_loss")).isTrue();
    JsonNode evaluation =
        http.get("/v1/jobs/" + job.get("id").stringValue() + "/evaluation").expect(200).json();
    assertThat(evaluation.get("part").stringValue()).isEqualTo("out_of_fold");
    assertThat(evaluation.get("rows").intValue()).isEqualTo(73);
    JsonNode own = predict("refit/versions/latest", "").at("/predictions/0/interval/price");
    JsonNode their =
        http.post("/v1/models/refit/versions/1/predict", ROW)
            .expect(200)
            .json()
            .at("/predictions/0/interval/price");
    assertThat(width(own)).isCloseTo(width(their), within(1e-3));

    // Its folds are not kept: they are trained again.
    assertThat(
            http.post("/v1/jobs/" + job.get("id").stringValue() + "/retry")
                .expectProblem(409, "conflict")
                .json()
                .get("detail")
                .stringValue())
        .contains("POST /v1/jobs/" + sweep.get("id").stringValue() + "/retry");
  }

  private static double width(JsonNode interval) {
    return interval.get(1).doubleValue() - interval.get(0).doubleValue();
  }

  private static double said(JsonNode answer, String layer, int row) {
    JsonNode value = answer.get("outputs").get(layer).get(row);
    return value.isArray() ? value.get(0).doubleValue() : value.doubleValue();
  }

  private void everyRouteTakes(JsonNode version) {
    assertThat(version.at("/spec/network/members").isArray()).as(version.toString()).isTrue();
    JsonNode own = predict("mixed", "").get("predictions");
    byte[] file = http.get("/v1/models/mixed/versions/1/weights").expect(200).bytes();
    new Multipart()
        .json("spec", version.get("spec").toString().replace("\"mixed\"", "\"again\""))
        .json("encoding", version.get("encoding").toString())
        .part("weights", file)
        .post(http, "/v1/models/again/versions")
        .expect(201);
    assertThat(predict("again", "").get("predictions")).isEqualTo(own);
    byte[] onnx = http.get("/v1/models/mixed/versions/1/onnx").expect(200).bytes();
    new Multipart()
        .json("encoding", version.get("encoding").toString())
        .json(
            "spec",
            "{\"name\": \"sweep-drawn\", \"inputs\": {\"x\": {\"columns\": [\"a\", \"b\"]}},"
                + " \"targets\": {\"kind\": {\"column\": \"kind\"}, \"price\": {\"column\":"
                + " \"price\"}}}")
        .part("onnx", onnx)
        .post(http, "/v1/models/sweep-drawn/versions")
        .expect(201);
    JsonNode drawn = predict("sweep-drawn", "").get("predictions").get(0);
    assertThat(drawn.get("price").doubleValue())
        .isCloseTo(own.get(0).get("price").doubleValue(), within(1e-5));
    JsonNode measured =
        http.post("/v1/models/mixed/versions/1/evaluation", "{\"dataset\": {\"name\": \"mixed\"}}")
            .expect(200)
            .json();
    assertThat(measured.at("/metrics/loss").isNumber()).isTrue();
    JsonNode valid =
        http.post(
                "/v1/models:validate?graph=true",
                "{\"model\": " + version.get("spec").toString() + "}")
            .expect(200)
            .json();
    assertThat(valid.get("errors").size()).as(valid.toString()).isZero();
    String wrong = version.get("spec").toString().replaceAll("\"units\":(5|9),", "\"units\":0,");
    JsonNode faults =
        http.post("/v1/models:validate", "{\"model\": " + wrong + "}").expect(200).json();
    assertThat(faults.at("/errors").toString()).contains("/units");
  }

  private void refuses(String body, String pointer, String detail) {
    expectFault(http.post("/v1/sweeps", body).expect(422), pointer, detail);
  }

  private void refuses(String training, String parameters, String pointer, String detail) {
    refuses(sweep("no", training, parameters, ", \"ensemble\": {\"size\": 4}"), pointer, detail);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    upload("no");
    String ten = ", \"ensemble\": {\"size\": 10}";
    refuses(
        sweep("no", "", UNITS, ten).replace("\"cross_validation\": 2, ", ""),
        "/ensemble",
        "add \"cross_validation\": 5");
    refuses(sweep("no", "", UNITS, ", \"ensemble\": {\"size\": 0}"), "/ensemble/size", "1");
    refuses(sweep("no", "", UNITS, ", \"ensemble\": {\"size\": 101}"), "/ensemble/size", "100");
    refuses(sweep("no", "", UNITS, ", \"ensemble\": {}"), "/ensemble/size", "required");
    refuses(sweep("no", "", UNITS, ", \"ensemble\": 5"), "/ensemble", "object");
    refuses(
        sweep("no", "", UNITS, ", \"ensemble\": {\"size\": 3, \"folds\": 2}"),
        "/ensemble/folds",
        "");
    refuses(sweep("no", "", UNITS, ten + ", \"strategy\": \"halving\""), "/strategy", "'grid'");
    refuses("", "", "/ensemble", "several values");
    String ofSeed = "/parameters/~1training~1seed";
    refuses("", "\"/training/seed\": [1, 2]", ofSeed, "'ensemble'");
    refuses(
        "",
        "\"/training/loss_weights\": [{\"kind\": 1}, {\"kind\": 2}]",
        "/parameters/~1training~1loss_weights",
        "same inputs");
    refuses(
        "",
        "\"/model/inputs/x/scale\": [\"standard\", \"minmax\"]",
        "/parameters/~1model~1inputs~1x~1scale",
        "same inputs");
    refuses(
        "",
        "\"/model/network/layers/3/activation\": [\"linear\", \"tanh\"]",
        "/ensemble",
        "activations");
    refuses(
        ", \"phases\": [{\"epochs\": 1, \"train\": [\"h\"]}, {\"train\": [\"kind\", \"price\"]}]",
        UNITS,
        "/ensemble",
        "no phases");
    refuses(", \"calibration\": \"isotonic\"", UNITS, "/job/training/calibration", "1000 rows");
    refuses(
        "", "\"/training/calibration\": [\"none\"]", "/parameters/~1training~1calibration", "job");
    String sure = "/job/training/calibration";
    refuses(sweep("no", ", \"calibration\": \"isotonic\"", UNITS, ""), sure, "1000 rows");
    String plain = sweep("no", SURE, UNITS, "");
    refuses(
        plain
            .replace("\"cross_validation\": 2", "\"objective\": \"val_loss\"")
            .replace("\"test\": 0.2", "\"test\": 0.2, \"validation\": 0.2"),
        sure,
        "add \"cross_validation\": 5");
    refuses(
        plain.replace("\"seed\": 5", "\"seed\": 5, \"phases\": [{\"train\": [\"h\"]}]"),
        "/job/training/intervals",
        "phases");
    StringBuilder many = new StringBuilder("\"/training/optimizer/learning_rate\": [0.1");
    for (int i = 2; i < 40; i++) {
      many.append(", 0.").append(i + 100);
    }
    refuses(
        sweep("no", "", many.append(']').toString(), ", \"ensemble\": {\"size\": 40}")
            .replace("\"cross_validation\": 2", "\"cross_validation\": 24")
            .replace("\"stratify\": \"kind\"", "\"by\": \"file_order\""),
        "/ensemble/size",
        "write at most 20");
  }
}
