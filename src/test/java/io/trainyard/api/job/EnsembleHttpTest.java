package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Multipart;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The members of an ensemble are trained as jobs of their own would be, and answer together. */
class EnsembleHttpTest extends EnsembleFixture {
  private static List<String> tensors() {
    return List.of("h.weight", "h.bias", "kind.weight", "kind.bias", "price.weight", "price.bias");
  }

  private JsonNode tensor(String model, String name) {
    return http.get("/v1/models/" + model + "/versions/1/weights/" + name).expect(200).json();
  }

  private JsonNode predictions(String model) {
    return http.post("/v1/models/" + model + "/predict", ROW).expect(200).json().get("predictions");
  }

  @Test
  void foldsAreJobsOfTheirOwnAndAnswerTheirMean() {
    upload("folded");
    String split = "\"by\": \"file_order\", \"test\": 0.1";
    JsonNode job =
        http.train(
            JOB.formatted(
                "folds",
                ", \"scale\": \"standard\"",
                "folded",
                split,
                7,
                ", \"ensemble\": {\"folds\": 3}"));
    assertThat(job.at("/progress/phase").stringValue()).isEqualTo("members/2");
    assertThat(job.at("/progress/epoch").intValue()).isEqualTo(12);
    JsonNode version = http.get("/v1/models/folds/versions/1").expect(200).json();
    assertThat(version.at("/spec/network/members").intValue()).isEqualTo(3);
    JsonNode members = version.at("/provenance/members");
    assertThat(members.size()).isEqualTo(3);

    List<JsonNode> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "alone" + i;
      String fold = split + ", \"fold\": {\"number\": " + (i + 1) + ", \"of\": 3}";
      JsonNode alone =
          http.train(
              JOB.formatted(name, ", \"like\": \"folds@1\"", "folded", fold, 7 + i, "")
                  .replace("\"columns\": [\"a\", \"b\"], ", ""));
      for (String tensor : tensors()) {
        assertThat(Http.given(tensor("folds", "members." + i + "." + tensor).get("values")))
            .as("member %d, %s", i, tensor)
            .isEqualTo(tensor(name, tensor).get("values"));
      }
      JsonNode member = members.get(i);
      assertThat(member.get("fold").intValue()).isEqualTo(i + 1);
      assertThat(member.get("seed").longValue()).isEqualTo(7 + i);
      assertThat(member.get("training_rows").intValue() + member.get("validation_rows").intValue())
          .isEqualTo(82);
      assertThat(member.get("best_epoch")).isEqualTo(alone.at("/best/epoch"));
      assertThat(member.at("/metrics/val_loss")).isEqualTo(alone.at("/best/val_loss"));
      answers.add(predictions(name));
    }

    JsonNode together = predictions("folds");
    for (int row = 0; row < 2; row++) {
      int at = row;
      for (String place : List.of("/probabilities/low", "/probabilities/top", "/price")) {
        double[] said =
            answers.stream().mapToDouble(each -> each.at("/" + at + place).doubleValue()).toArray();
        double mean = (said[0] + said[1] + said[2]) / 3;
        double squares = 0;
        for (double each : said) {
          squares += (each - mean) * (each - mean);
        }
        assertThat(together.at("/" + row + place).doubleValue()).isCloseTo(mean, within(1e-6));
        String spread = place.equals("/price") ? "/price/std" : "/kind/std/" + place.substring(15);
        assertThat(together.at("/" + row + "/uncertainty" + spread).doubleValue())
            .isCloseTo(Math.sqrt(squares / 3), within(1e-6));
      }
    }
  }

  @Test
  void everyRouteTakesAnEnsemble() {
    upload("routes");
    String stratified = "\"stratify\": \"kind\", \"test\": 0.2";
    JsonNode job =
        http.train(
            JOB.formatted(
                "routes",
                "",
                "routes",
                stratified,
                1,
                ", \"calibration\": \"temperature\", \"intervals\": {\"coverage\": 0.8},"
                    + " \"ensemble\": {\"folds\": 2}"));
    JsonNode evaluation =
        http.get("/v1/jobs/" + job.get("id").stringValue() + "/evaluation").expect(200).json();
    assertThat(evaluation.get("part").stringValue()).isEqualTo("out_of_fold");
    assertThat(job.at("/baseline/part").stringValue()).isEqualTo("out_of_fold");
    JsonNode version = http.get("/v1/models/routes/versions/1").expect(200).json();
    JsonNode members = version.at("/provenance/members");
    int rows = 0;
    double right = 0;
    for (JsonNode member : members) {
      int own = member.get("validation_rows").intValue();
      rows += own;
      right += own * member.at("/metrics/val_kind_accuracy").doubleValue();
    }
    assertThat(evaluation.get("rows").intValue()).isEqualTo(rows);
    double accuracy = version.at("/metrics/val_kind_accuracy").doubleValue();
    assertThat(accuracy).isCloseTo(right / rows, within(1e-9));
    assertThat(evaluation.at("/metrics/kind_accuracy").doubleValue()).isEqualTo(accuracy);
    assertThat(version.at("/metrics/test_kind_accuracy").isNumber()).isTrue();
    assertThat(version.at("/encoding/targets/price/intervals/rows").intValue()).isEqualTo(rows);
    assertThat(version.at("/encoding/targets/kind/calibration/rows").intValue()).isEqualTo(rows);

    JsonNode first = predictions("routes").get(0);
    assertThat(first.at("/interval/price/0").doubleValue())
        .isLessThan(first.get("price").doubleValue());
    double price = first.get("price").doubleValue();

    // Another model is made of its parts, and says the same.
    byte[] file = http.get("/v1/models/routes/versions/1/weights").expect(200).bytes();
    new Multipart()
        .json("spec", version.get("spec").toString().replace("\"routes\"", "\"copied-folds\""))
        .json("encoding", version.get("encoding").toString())
        .part("weights", file)
        .post(http, "/v1/models/copied-folds/versions")
        .expect(201);
    assertThat(predictions("copied-folds")).isEqualTo(predictions("routes"));

    // One graph has the members and their mean.
    byte[] onnx = http.get("/v1/models/routes/versions/1/onnx").expect(200).bytes();
    new Multipart()
        .json("encoding", version.get("encoding").toString())
        .json(
            "spec",
            "{\"name\": \"graph\", \"inputs\": {\"x\": {\"columns\": [\"a\", \"b\"]}}, \"targets\":"
                + " {\"kind\": {\"column\": \"kind\"}, \"price\": {\"column\": \"price\"}}}")
        .part("onnx", onnx)
        .post(http, "/v1/models/graph/versions")
        .expect(201);
    JsonNode graph = predictions("graph").get(0);
    assertThat(graph.get("price").doubleValue()).isCloseTo(price, within(1e-5));
    assertThat(graph.has("uncertainty")).isFalse();

    String infer =
        "{\"inputs\": [{\"name\": \"a\", \"shape\": [1, 1], \"datatype\": \"FP64\", \"data\":"
            + " [0.3]}, {\"name\": \"b\", \"shape\": [1, 1], \"datatype\": \"FP64\", \"data\":"
            + " [-1]}]}";
    JsonNode outputs =
        http.post("/v2/models/routes/infer", infer).expect(200).json().get("outputs");
    assertThat(named(outputs, "price").at("/data/0").doubleValue()).isCloseTo(price, within(1e-5));
    assertThat(
            http.post("/v1/models/routes:predict", "{\"inputs\": {\"a\": [0.3], \"b\": [-1]}}")
                .expect(200)
                .json()
                .at("/outputs/price/0/0")
                .doubleValue())
        .isCloseTo(price, within(1e-5));
    JsonNode explained =
        http.post(
                "/v1/models/routes/predict",
                "{\"instances\": [{\"a\": 0.3, \"b\": -1}], \"explain\":"
                    + " {\"method\": \"integrated_gradients\", \"target\": \"price\"}}")
            .expect(200)
            .json()
            .at("/predictions/0");
    double shares = explained.at("/attributions/a").doubleValue();
    shares += explained.at("/attributions/b").doubleValue();
    assertThat(shares + explained.get("baseline_output").doubleValue())
        .isCloseTo(price, within(0.02 * Math.abs(price) + 0.02));
    assertThat(explained.at("/uncertainty/price/std").isNumber()).isTrue();
    http.post("/v1/models/routes/predict", ROW.replace("]}", "], \"samples\": 5}"))
        .expectFault("/samples", "members differ");
    JsonNode layers =
        http.post(
                "/v1/models/routes/predict",
                ROW.replace("]}", "], \"outputs\": [\"members/1/price\", \"price\"]}"))
            .expect(200)
            .json();
    assertThat(layers.at("/outputs").propertyNames()).containsExactly("members/1/price", "price");

    JsonNode measured =
        http.post(
                "/v1/models/routes/versions/1/evaluation", "{\"dataset\": {\"name\": \"routes\"}}")
            .expect(200)
            .json();
    assertThat(measured.at("/metrics/loss").isNumber()).isTrue();
    JsonNode batch =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"routes\", \"dataset\": {\"name\": \"routes\"},"
                        + " \"result\": {\"dataset\": \"routes-said\"}}")
                .expect(202)
                .location());
    assertThat(batch.at("/metrics/kind_accuracy").doubleValue())
        .isCloseTo(measured.at("/metrics/kind_accuracy").doubleValue(), within(1e-9));

    String model = version.get("spec").toString();
    JsonNode summary =
        http.post("/v1/models:validate?graph=true", "{\"model\": " + model + "}")
            .expect(200)
            .json();
    assertThat(summary.get("valid").booleanValue()).isTrue();
    assertThat(summary.at("/summary/layers").size()).isEqualTo(10);
    assertThat(http.get("/v1/models/routes/versions/1/matlab").status()).isIn(200, 409);
  }

  private static JsonNode named(JsonNode outputs, String name) {
    return outputs
        .valueStream()
        .filter(each -> each.get("name").stringValue().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void refuses(String body, String pointer, String detail) {
    expectFault(http.post("/v1/models:validate", body).expect(200), pointer, detail);
    http.post("/v1/jobs", body).expect(422);
  }

  private static String job(String split, String more) {
    return JOB.formatted("refused", "", "refused", split, 1, more);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    upload("refused");
    String folds = ", \"ensemble\": {\"folds\": 3}";
    refuses(
        job("\"validation\": 0.2", folds), "/dataset/split/validation", "leave 'validation' out");
    refuses(
        job("", folds).replace("\"split\": {}", "\"validation_dataset\": {\"name\": \"refused\"}"),
        "/dataset/validation_dataset",
        "leave 'validation_dataset' out");
    refuses(
        job("\"fold\": {\"number\": 1, \"of\": 3}", folds),
        "/dataset/split/fold",
        "leave 'fold' out");
    refuses(job("", ", \"ensemble\": {\"folds\": 99}"), "/training/ensemble/folds", "99");
    refuses(job("", ", \"ensemble\": {\"folds\": 1}"), "/training/ensemble/folds", "2");
    refuses(
        job("", ", \"ensemble\": {\"folds\": 40}")
            .replace(
                "{\"type\": \"dropout\"",
                "{\"type\": \"add\", \"inputs\": [\"h\""
                    + ", \"h\"".repeat(600)
                    + "]}, {\"type\": \"dropout\""),
        "/training/ensemble/folds",
        "'inputs' together");
    refuses(job("", ", \"ensemble\": {}"), "/training/ensemble", "neither");
    refuses(job("", ", \"ensemble\": 4"), "/training/ensemble", "object");
    refuses(job("", ", \"ensemble\": {\"folds\": 3, \"seeds\": 3}"), "/training/ensemble", "both");
    refuses(job("", ", \"ensemble\": {\"size\": 3}"), "/training/ensemble/size", "");
    refuses(
        job("", folds + ", \"find_learning_rate\": {\"steps\": 20}"),
        "/training/find_learning_rate",
        "without 'ensemble'");
    refuses(
        job(
            "",
            folds
                + ", \"phases\": [{\"epochs\": 1, \"train\": [\"h\"]}, {\"train\": [\"kind\","
                + " \"price\"]}]"),
        "/training/ensemble",
        "no phases");
    refuses(
        job("", folds)
            .replace(
                "\"categorical_crossentropy\"",
                "{\"type\": \"categorical_crossentropy\", \"from_logits\": true}")
            .replace(", \"activation\": \"softmax\"", ""),
        "/training/ensemble",
        "logits");
    refuses(
        job("", folds + ", \"calibration\": \"isotonic\""), "/training/calibration", "1000 rows");
    refuses(
        job("", folds).replace("\"name\": \"h\"", "\"name\": \"members\""),
        "/model/network/layers/0/name",
        "reserved");
    refuses(
        job("", "").replace("\"layers\": [", "\"members\": 3, \"layers\": ["),
        "/model/network/members",
        "one by one");
    http.train(job("", folds));
    refuses(
        job("", "").replace("\"dataset\":", "\"initial_weights\": {\"version\": 1}, \"dataset\":"),
        "/initial_weights",
        "no weights in common");
    http.train(job("", ""));
    refuses(
        job("", folds)
            .replace("\"dataset\":", "\"initial_weights\": {\"version\": 2}, \"dataset\":"),
        "/initial_weights",
        "none has seen its fold");
    http.post(
            "/v1/sweeps",
            "{\"job\": "
                + job("", folds)
                + ", \"cross_validation\": 3, \"objective\": \"val_loss\", \"parameters\": {}}")
        .expectFault("/job/training/ensemble", "A sweep compares");
    http.post(
            "/v1/sweeps",
            "{\"job\": "
                + job("", "")
                + ", \"cross_validation\": 3, \"objective\": \"val_loss\","
                + " \"parameters\": {}, \"ensemble\": {\"size\": 10}}")
        .expectFault("/ensemble", "");
  }

  @Test
  void aColumnOfPartsMayNameNoRowsForValidationBesideFolds() {
    StringBuilder csv = new StringBuilder("a,b,kind,price,part\n");
    for (int i = 0; i < 60; i++) {
      csv.append(i % 7)
          .append(',')
          .append(i % 5)
          .append(',')
          .append("low,mid,top".split(",")[i % 3]);
      csv.append(',')
          .append(i)
          .append(',')
          .append(i % 4 == 0 ? "validation" : "training")
          .append('\n');
    }
    http.upload("parted", csv.toString());
    String split = "\"by\": \"column\", \"column\": \"part\"";
    String folds = ", \"ensemble\": {\"folds\": 3}";
    refuses(
        JOB.formatted("parted", "", "parted", split, 1, folds),
        "/dataset/split/column",
        "15 rows for validation");
    http.upload("parted", csv.toString().replace("validation", "test"));
    http.train(JOB.formatted("parted", "", "parted", split, 1, folds));
  }

  /** A version has seen rows that are out of a fold of those who nest it. */
  @Test
  void aNestedModelBesideFoldsIsWarnedOf() {
    upload("nested-folds");
    http.train(JOB.formatted("nested-folds", "", "nested-folds", "", 1, ""));
    String outer =
        JOB.formatted("around", "", "nested-folds", "", 1, ", \"ensemble\": {\"folds\": 3}")
            .replace(
                "{\"type\": \"dense\", \"name\": \"h\"",
                "{\"type\": \"model\", \"name\": \"n\", \"ref\": \"nested-folds@1\", \"outputs\":"
                    + " [\"price\"]}, {\"type\": \"dense\", \"name\": \"h\"");
    JsonNode answer = http.post("/v1/models:validate", outer).expect(200).json();
    assertThat(answer.get("warnings").valueStream().map(each -> each.get("code").stringValue()))
        .as(answer.toString())
        .contains("nested_may_know_folds");
  }

  @Test
  void aRecipeHoldsNoRowsBackForFolds() {
    upload("recipes");
    String body =
        """
        {"model": {"name": "recipes", "targets": {"kind": {"column": "kind"}}},
         "dataset": {"name": "recipes"},
         "training": {"epochs": 2, "seed": 1, "ensemble": {"folds": 2}}}
        """;
    JsonNode valid = http.post("/v1/models:validate", body).expect(200).json();
    assertThat(valid.get("valid").booleanValue()).as(valid.toString()).isTrue();
    assertThat(valid.get("warnings").toString()).doesNotContain("recipe_split");
    assertThat(valid.at("/training/early_stopping").isObject()).isTrue();
    JsonNode job = http.train(body);
    JsonNode version =
        http.get("/v1/models/recipes/versions/" + job.at("/result/version")).expect(200).json();
    assertThat(version.at("/provenance/members/1/training_rows").intValue())
        .isEqualTo(version.at("/provenance/members/0/validation_rows").intValue());
    JsonNode said =
        http.post(
                "/v1/models/recipes/predict",
                "{\"instances\": [{\"a\": 1, \"b\": 2, \"price\": 3}]}")
            .expect(200)
            .json();
    assertThat(said.at("/predictions/0/uncertainty/kind/std/low").isNumber()).isTrue();
    // Recipes scale by quantiles.
    http.post("/v1/models/recipes/predict", ROW).expectFault("/instances/0/price", "");
  }

  /** Calibration learns on all rows but the test part, however the folds divide them. */
  @Test
  void certaintyCountsTheRowsOfAllFolds() {
    StringBuilder csv = new StringBuilder("a,b,kind,price\n");
    for (int i = 0; i < 1000; i++) {
      csv.append(i % 7).append(',').append(i % 5).append(',').append("abc".charAt(i % 3));
      csv.append(',').append(i).append('\n');
    }
    http.upload("many", csv.toString());
    for (String test : List.of("", "\"test\": 0.001")) {
      String body =
          JOB.formatted(
              "many",
              "",
              "many",
              test,
              1,
              ", \"calibration\": \"isotonic\", \"ensemble\": {\"folds\": 7}");
      if (test.isEmpty()) {
        JsonNode valid = http.post("/v1/models:validate", body).expect(200).json();
        assertThat(valid.get("errors").size()).as(valid.toString()).isZero();
      } else {
        refuses(body, "/training/calibration", "there are 999 validation rows");
      }
    }
  }

  /** Of windows, later members train on more rows, and each validates on what follows. */
  @Test
  void foldsOfWindowsRunForward() {
    StringBuilder csv = new StringBuilder("at,x\n");
    for (int i = 0; i < 60; i++) {
      csv.append(i).append(',').append(Math.sin(i)).append('\n');
    }
    http.upload("waves", csv.toString());
    http.train(
        """
        {"model": {"name": "waves",
           "inputs": {"w": {"columns": ["x"], "window": {"length": 4, "order_by": "at"}}},
           "targets": {"next": {"column": "x", "offset": 1}},
           "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": 1}]}},
         "dataset": {"name": "waves", "split": {"test": 0.2}},
         "training": {"loss": "mse", "epochs": 2, "optimizer": "adam", "seed": 1,
           "ensemble": {"folds": 3}}}
        """);
    JsonNode members =
        http.get("/v1/models/waves/versions/1").expect(200).json().at("/provenance/members");
    int before = 0;
    for (JsonNode member : members) {
      assertThat(member.get("training_rows").intValue()).isGreaterThan(before);
      before = member.get("training_rows").intValue();
    }
  }
}
