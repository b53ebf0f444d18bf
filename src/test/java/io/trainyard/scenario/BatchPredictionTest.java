package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Datasets predicted as jobs: what a caller who scores a table relies on. */
@ScenarioTest
@Timeout(120)
class BatchPredictionTest {
  @Autowired private Http http;

  private JsonNode predict(String body) {
    JsonNode job =
        http.await(
            http.post("/v1/batch-predictions", body.replace('\'', '"')).expect(202).location());
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    return job;
  }

  private JsonNode rows(String dataset) {
    return http.job("/v1/datasets/" + dataset + "/versions/latest/rows?page_size=500").get("rows");
  }

  private void train(String job) {
    JsonNode trained = http.train(job.replace('\'', '"'));
    assertThat(trained.get("state").stringValue()).as(trained.toString()).isEqualTo("succeeded");
  }

  @Test
  void aTableIsScoredAndComparedWithItsTargets() {
    http.sample("iris");
    train(
        """
        {'model': {'name': 'scorer', 'inputs': {'x': {'columns': ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'], 'scale': 'standard'}},
                   'targets': {'species': {'column': 'species'}},
                   'network': {'layers': [{'type': 'dense', 'name': 'h', 'units': 8, 'activation': 'tanh'},
                                          {'type': 'dense', 'units': 3, 'activation': 'softmax'}]}},
         'dataset': {'name': 'iris'}, 'training': {'loss': 'categorical_crossentropy', 'optimizer': {'type': 'adam', 'learning_rate': 0.05}, 'epochs': 20, 'seed': 1}}
        """);

    JsonNode job =
        predict(
            "{'model': 'scorer', 'version': 'latest', 'dataset': {'name': 'iris'}, 'outputs':"
                + " ['h'], 'result': {'dataset': 'iris-scored'}}");

    assertThat(job.get("kind").stringValue()).isEqualTo("prediction");
    assertThat(job.at("/result/dataset").stringValue()).isEqualTo("iris-scored");
    assertThat(job.at("/result/rows").intValue()).isEqualTo(150);
    assertThat(job.at("/request/version").intValue()).isEqualTo(1);
    assertThat(job.at("/progress/step").intValue()).isEqualTo(150);
    JsonNode rows = rows("iris-scored");
    JsonNode original = rows("iris");
    int right = 0;
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      right += row.get("predicted_species").equals(row.get("species")) ? 1 : 0;
      for (String own : original.get(i).propertyNames()) {
        assertThat(row.get(own)).isEqualTo(Http.given(original.get(i).get(own)));
      }
    }
    assertThat(job.at("/metrics/accuracy").doubleValue()).isEqualTo(right / 150.0);
    assertThat(right).isGreaterThan(100);
    JsonNode evaluation = http.job("/v1/jobs/" + job.get("id").stringValue() + "/evaluation");
    assertThat(evaluation.get("part").stringValue()).isEqualTo("all");
    assertThat(evaluation.at("/confusion/species/counts")).hasSize(3);
    JsonNode answer =
        http.post(
                "/v1/models/scorer/predict",
                "{\"instances\": [" + original.get(7) + "], \"outputs\": [\"h\"]}")
            .expect(200)
            .json();
    assertThat(answer.at("/predictions/0/species"))
        .isEqualTo(Http.given(rows.get(7).get("predicted_species")));
    for (String species : List.of("setosa", "versicolor", "virginica")) {
      assertThat(rows.get(7).get("predicted_species_probability_" + species).doubleValue())
          .isCloseTo(
              answer.at("/predictions/0/probabilities/" + species).doubleValue(), within(1e-5));
    }
    assertThat(rows.get(7).get("predicted_h")).hasSize(8);
    assertThat(rows.get(7).at("/predicted_h/0").doubleValue())
        .isCloseTo(answer.at("/outputs/h/0/0").doubleValue(), within(1e-5));
  }

  @Test
  void theContentIsParquetAndCsvByAccept() {
    importSum("contents");
    http.upload("contents", "a,b,text\n1,2,\"x,\"\"y\"\n3,4,\n");
    predict(
        "{'model': 'contents', 'dataset': {'name': 'contents'}, 'result': {'dataset':"
            + " 'contents-out'}}");

    String path = "/v1/datasets/contents-out/versions/1/content";
    Answer parquet = http.get(path).expect(200);
    assertThat(parquet.contentType()).isEqualTo("application/vnd.apache.parquet");
    Answer csv = http.get(path, "Accept", "text/csv").expect(200);
    assertThat(csv.contentType()).startsWith("text/csv");
    assertThat(csv.text()).isEqualTo("a,b,text,predicted_s\n1,2,\"x,\"\"y\",3.0\n3,4,,7.0\n");
    // What was downloaded can be uploaded, and is the same version.
    assertThat(
            http.post(
                    "/v1/datasets?name=contents-out",
                    "application/vnd.apache.parquet",
                    parquet.bytes())
                .expect(200)
                .json()
                .get("version")
                .intValue())
        .isEqualTo(1);
    Answer original = http.get("/v1/datasets/contents/versions/1/content", "Accept", "text/csv");
    assertThat(original.text()).isEqualTo("a,b,text\n1,2,\"x,\"\"y\"\n3,4,\n");
  }

  /** s = a + b. */
  private void importSum(String model) {
    http.importVersion(
        model,
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"s": {"column": "s"}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "bias": false}]}}
        """
            .formatted(model),
        new Weights().with("d.weight", Shape.of(1, 2), 1, 1));
  }

  @Test
  void numbersAreComparedWhereTheDatasetHasThem() {
    importSum("sums");
    http.upload("sums", "a,b,s\n1,2,3\n3,4,8\n");
    JsonNode job =
        predict(
            "{'model': 'sums', 'dataset': {'name': 'sums'}, 'result': {'dataset': 'sums-out', 'prefix': ''}}"
                .replace("'prefix': ''", "'prefix': 'p_'"));
    assertThat(job.at("/metrics/mse").doubleValue()).isEqualTo(0.5);
    assertThat(job.at("/metrics/mae").doubleValue()).isEqualTo(0.5);
    assertThat(rows("sums-out").get(1).propertyNames()).containsExactly("a", "b", "s", "p_s");

    http.upload("sums-partly", "a,b,s\n1,2,3\n3,4,\n");
    JsonNode partly =
        predict(
            "{'model': 'sums', 'dataset': {'name': 'sums-partly'}, 'result': {'dataset':"
                + " 'sums-partly-out'}}");
    assertThat(partly.at("/metrics/mse").isNumber()).as(partly.toString()).isTrue();
    assertThat(partly.at("/metrics/mse").doubleValue()).isZero();
    assertThat(partly.at("/warnings/0/code").stringValue()).isEqualTo("targets_missing");
    assertThat(rows("sums-partly-out").get(1).get("predicted_s").doubleValue()).isEqualTo(7);
    JsonNode evaluation = http.job("/v1/jobs/" + partly.get("id").stringValue() + "/evaluation");
    assertThat(evaluation.get("rows").intValue()).isEqualTo(1);
    assertThat(evaluation.get("rows_without_target").intValue()).isEqualTo(1);

    http.upload("sums-empty", "a,b,s\n1,2,\n3,4,\n");
    JsonNode none =
        predict(
            "{'model': 'sums', 'dataset': {'name': 'sums-empty'}, 'result': {'dataset':"
                + " 'sums-empty-out'}}");
    assertThat(rows("sums-empty-out").get(1).get("predicted_s").doubleValue()).isEqualTo(7);
    assertThat(none.at("/warnings/0/code").stringValue()).isEqualTo("targets_missing");
    assertThat(none.at("/metrics/loss").isNull()).isTrue();
    assertThat(none.at("/metrics/metric_notes/loss").stringValue())
        .isEqualTo("No row has a value of each target");
    http.get("/v1/jobs/" + none.get("id").stringValue() + "/evaluation")
        .expectProblem(404, "evaluation_not_found");
  }

  /** Two targets: of classes, and of a number two rows behind the window. */
  @Test
  void rowsAndWindowsWithoutTheirTargetsAreNotMeasured() {
    http.upload("steps", "x,k,s\n1,u,1\n2,u,2\n3,v,3\n4,u,4\n5,v,5\n6,u,6\n7,v,7\n");
    String model =
        """
        {'model': {'name': '%s', 'inputs': {'x': {'columns': ['x']%s}},
                   'targets': {'k': {'column': 'k', 'output': 'k'}, 's': {'column': 's', 'output': 's'%s}},
                   'network': {'layers': [{'type': 'flatten', 'name': 'f'}, {'type': 'dense', 'name': 'k', 'units': 1, 'activation': 'sigmoid'},
                       {'type': 'dense', 'name': 's', 'units': 1, 'inputs': ['f']}], 'outputs': ['k', 's']}},
         'dataset': {'name': 'steps'},
         'training': {'losses': {'k': 'binary_crossentropy', 's': 'mse'}, 'epochs': 1, 'seed': 1}}
        """;
    train(model.formatted("steps-rows", "", ""));
    train(model.formatted("steps-windows", ", 'window': 2", ", 'offset': 2"));
    http.upload("steps-partly", "x,k,s\n1,u,1\n2,,2\n3,v,3\n4,u,\n5,,\n6,u,6\n7,v,7\n");
    String body =
        "{'model': '%s', 'dataset': {'name': 'steps-partly'}, 'result': {'dataset': '%1$s-out'}}";
    JsonNode rows = predict(body.formatted("steps-rows"));
    JsonNode evaluation = http.job("/v1/jobs/" + rows.get("id").stringValue() + "/evaluation");
    assertThat(evaluation.get("rows").intValue()).isEqualTo(4);
    assertThat(evaluation.get("rows_without_target").intValue()).isEqualTo(3);
    assertThat(rows.at("/metrics/s_mse").isNumber()).as(rows.get("metrics").toString()).isTrue();
    double error = 0;
    for (int i : List.of(0, 2, 5, 6)) {
      double d = rows("steps-rows-out").get(i).get("predicted_s").doubleValue() - (i + 1);
      error += d * d / 4;
    }
    assertThat(rows.at("/metrics/s_mse").doubleValue()).isCloseTo(error, within(1e-5));

    JsonNode windows = predict(body.formatted("steps-windows"));
    evaluation = http.job("/v1/jobs/" + windows.get("id").stringValue() + "/evaluation");
    // Windows end at rows 2 to 5; k is of that row, s of the row two behind it.
    assertThat(evaluation.get("rows").intValue() + evaluation.get("rows_without_target").intValue())
        .isEqualTo(4);
    assertThat(evaluation.get("rows").intValue()).as(evaluation.toString()).isEqualTo(1);
    double d = rows("steps-windows-out").get(2).get("predicted_s").doubleValue() - 6;
    assertThat(windows.at("/metrics/s_mse").doubleValue()).isCloseTo(d * d, within(1e-4));
  }

  @Test
  void oneNoteSaysWhyTargetsAreNotCompared() {
    http.importVersion(
        "pairs",
        """
        {"name": "pairs", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"s": {"columns": ["s", "t"]}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 2, "bias": false}]}}
        """,
        new Weights().with("d.weight", Shape.of(2, 2), 1, 1, 1, 1));
    http.upload("pairs", "a,b,s\n1,2,3\n3,4,8\n");
    JsonNode job =
        predict(
            "{'model': 'pairs', 'dataset': {'name': 'pairs'}, 'result': {'dataset': 'pairs-out'}}");
    assertThat(job.at("/warnings/0/code").stringValue()).isEqualTo("targets_missing");
    assertThat(job.at("/metrics/metric_notes/loss").stringValue())
        .isEqualTo("The dataset has no column 't', which the targets need");
  }

  /** A column without values has the type of nothing. */
  @Test
  void aColumnWithoutValuesIsImputed() {
    upload("rome,,1", "bonn,,2");
    train(
        VISITS.formatted("imputer", "'columns': ['city', 'shop'], 'impute': 'most_frequent'", ""));
    JsonNode job =
        predict(
            "{'model': 'imputer', 'version': 'latest', 'dataset': {'name': 'others'}, 'result':"
                + " {'dataset': 'imputed'}}");
    JsonNode asked =
        http.post(
                "/v1/models/imputer/predict",
                "{\"instances\": [{\"city\": \"rome\", \"shop\": null}]}")
            .expect(200)
            .json();
    assertThat(rows("imputed").get(0).get("predicted_y").doubleValue())
        .isCloseTo(asked.at("/predictions/0/y").doubleValue(), within(1e-6));
    assertThat(job.at("/metrics/mae").isNumber()).isTrue();
    train(VISITS.formatted("refuser", "'columns': ['city', 'shop']", ""));
    assertThat(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"refuser\", \"version\": \"latest\", \"dataset\": {\"name\":"
                        + " \"others\"}, \"result\": {\"dataset\": \"refused\"}}")
                .expect(422)
                .text())
        .contains("Column 'shop' has no value in 2 rows");
  }

  /** Each window is a row; those whose target is not known yet are predicted too. */
  @Test
  void windowsArePredictedByTheirLastRowsInFileOrder() {
    StringBuilder csv = new StringBuilder("shop,day,x\n");
    // Two series whose rows are mixed and out of order.
    for (int day : new int[] {2, 0, 1, 3, 5, 4}) {
      csv.append("b,").append(day).append(',').append(10 * day).append('\n');
      csv.append("a,").append(day).append(',').append(day).append('\n');
    }
    http.upload("series", csv.toString());
    train(
        """
        {'model': {'name': 'series', 'inputs': {'x': {'columns': ['x'], 'window': {'length': 2, 'group': 'shop', 'order_by': 'day'}}},
                   'targets': {'next': {'column': 'x', 'offset': 1}},
                   'network': {'layers': [{'type': 'flatten', 'name': 'f'}, {'type': 'dense', 'units': 1}]}},
         'dataset': {'name': 'series'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1}}
        """);

    JsonNode job =
        predict(
            "{'model': 'series', 'dataset': {'name': 'series'}, 'outputs': ['f'], 'result':"
                + " {'dataset': 'series-out'}}");
    assertThat(job.at("/result/rows").intValue()).isEqualTo(10);
    assertThat(job.at("/metrics/mse").isNumber()).isTrue();
    List<String> found = new ArrayList<>();
    for (JsonNode row : rows("series-out")) {
      double step = row.get("shop").stringValue().equals("a") ? 1 : 10;
      double x = row.get("x").doubleValue();
      assertThat(row.get("predicted_f").get(1).doubleValue()).isEqualTo(x);
      assertThat(row.get("predicted_f").get(0).doubleValue()).isEqualTo(x - step);
      found.add(row.get("shop").stringValue() + row.get("day"));
    }
    assertThat(found).containsExactly("b2", "a2", "b1", "a1", "b3", "a3", "b5", "a5", "b4", "a4");
  }

  @Test
  void tensorsAndReconstructionsKeepTheirShapes() {
    String rows =
        IntStream.range(0, 5)
            .mapToObj("{\"i\": [[%1$d, 2], [3, 4], [5, 6]], \"c\": \"k\", \"n\": %1$d}"::formatted)
            .toList()
            .toString();
    http.post("/v1/datasets?name=shaped", rows).expect(201);
    train(
        """
        {'model': {'name': 'shaped', 'inputs': {'i': {'column': 'i', 'shape': [3, 2]}, 'x': {'columns': ['n', 'c'], 'scale': 'standard'}},
                   'targets': {'image': {'input': 'i', 'output': 'r'}, 'row': {'input': 'x', 'output': 'y'}},
                   'network': {'layers': [{'type': 'dense', 'name': 'r', 'units': 2, 'inputs': ['i']},
                                          {'type': 'dense', 'name': 'y', 'units': 2, 'inputs': ['x']}], 'outputs': ['r', 'y']}},
         'dataset': {'name': 'shaped'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1}}
        """);

    predict(
        "{'model': 'shaped', 'dataset': {'name': 'shaped'}, 'result': {'dataset': 'shaped-out'}}");
    JsonNode version = http.job("/v1/datasets/shaped-out/versions/1");
    assertThat(version.at("/columns/0/shape").toString()).isEqualTo("[3,2]");
    JsonNode row = rows("shaped-out").get(4);
    assertThat(row.get("i").toString()).isEqualTo("[[4,2],[3,4],[5,6]]");
    assertThat(row.get("predicted_image_i")).hasSize(3);
    assertThat(row.at("/predicted_image_i/2")).hasSize(2);
    assertThat(row.get("predicted_row_n").isNumber()).isTrue();
    assertThat(row.get("predicted_row_c").stringValue()).isEqualTo("k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}} | /model | is required",
        "{'model': 'no-such', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}} | /model |"
            + " no model",
        "{'model': 'named', 'version': 9, 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}}"
            + " | /version | 9",
        "{'model': 'named', 'version': 'best', 'dataset': {'name': 'named'}, 'result': {'dataset':"
            + " 'o'}} | /version | best",
        "{'model': 'named', 'version': [], 'dataset': {'name': 'named'}, 'result': {'dataset':"
            + " 'o'}} | /version | whole number",
        "{'model': 'named', 'dataset': {'name': 'no-such'}, 'result': {'dataset': 'o'}} | /dataset"
            + " | There is no dataset",
        "{'model': 'named', 'dataset': {'name': 'named', 'version': 7}, 'result': {'dataset': 'o'}}"
            + " | /dataset | with a version 7",
        "{'model': 'named', 'dataset': {'name': 'named', 'where': 'a > 1'}, 'result': {'dataset':"
            + " 'o'}} | /dataset/where | Unknown member",
        "{'model': 'named', 'dataset': {'name': 'named'}} | /result | is required",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {}} | /result/dataset | is"
            + " required",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {'dataset': 'A b'}} |"
            + " /result/dataset | is not a dataset name",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o', 'prefix': ''}}"
            + " | /result/prefix | another 'prefix'",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}, 'outputs':"
            + " ['q']} | /outputs/0 | no layer 'q'",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}, 'x': 1} | /x"
            + " | Unknown member",
        "{'model': 'named', 'dataset': {'name': 'narrow'}, 'result': {'dataset': 'o'}} | /dataset |"
            + " 'b'",
        "{'model': 'named', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}, 'resources':"
            + " {'pool': 'tpu'}} | /resources/pool | There is no pool",
        "{'model': 'bare', 'dataset': {'name': 'named'}, 'result': {'dataset': 'o'}} | /model |"
            + " takes tensors",
      })
  void mistakesAreNamedAtTheirPlaces(String body, String pointer, String detail) {
    if (http.get("/v1/models/named").status() == 404) {
      importSum("named");
      http.upload("named", "a,b,s\n1,2,3\n");
      http.upload("narrow", "a\n1\n");
      http.importVersion(
          "bare",
          "{\"name\": \"bare\", \"network\": {\"inputs\": {\"x\": {\"shape\": [1]}}, \"layers\":"
              + " [{\"type\": \"flatten\"}]}}",
          new Weights());
    }
    Answer answer = http.post("/v1/batch-predictions", body.replace('\'', '"'));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
    assertThat(answer.pointers()).as(answer.toString()).contains(pointer);
    assertThat(answer.text()).contains(detail.replace("\"", "\\\""));
  }

  @Test
  void aRowThatCannotBeEncodedFailsTheJobAndPublishesNothing() {
    importSum("beyond");
    http.upload("beyond", "a,b\n1,2\n3,1e300\n");
    JsonNode job =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"beyond\", \"dataset\": {\"name\": \"beyond\"}, \"result\":"
                        + " {\"dataset\": \"beyond-out\"}}")
                .expect(202)
                .location());
    assertThat(job.get("state").stringValue()).isEqualTo("failed");
    assertThat(job.at("/error/code").stringValue()).isEqualTo("invalid_rows");
    assertThat(job.at("/error/detail").stringValue()).contains("Row 2, column 'b'");
    http.get("/v1/datasets/beyond-out").expectProblem(404, "dataset_not_found");
  }

  /** A large table through a wide layer, so that the job runs for some time. */
  @Test
  void aRunningPredictionHoldsWhatItReadsAndStopCancelsIt() {
    http.importVersion(
        "slow",
        """
        {"name": "slow", "inputs": {"x": {"columns": ["a"]}}, "targets": {"s": {"column": "s"}},
         "network": {"layers": [{"type": "dense", "name": "w", "units": 4000, "bias": false, "activation": "tanh"},
           {"type": "lambda", "name": "l", "expression": "sum(x, keepdims=1)"}]}}
        """
            .replace("sum(x, keepdims=1)", "x[..., 0] + 0 * sum(sin(x))"),
        new Weights().with("w.weight", Shape.of(4000, 1), new float[4000]));
    StringBuilder csv = new StringBuilder("a\n");
    for (int i = 0; i < 200_000; i++) {
      csv.append(i % 7).append('\n');
    }
    http.upload("slow", csv.toString());
    String path =
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"slow\", \"dataset\": {\"name\": \"slow\"}, \"result\": {\"dataset\":"
                    + " \"slow-out\"}}")
            .expect(202)
            .location();
    http.delete("/v1/datasets/slow/versions/1").expectProblem(409, "in_use");
    http.delete("/v1/models/slow/versions/1").expectProblem(409, "in_use");
    JsonNode running = http.job(path);
    while (running.at("/progress/step").asInt(0) == 0) {
      assertThat(running.get("done").booleanValue()).as(running.toString()).isFalse();
      running = http.job(path);
    }
    assertThat(running.at("/progress/steps_per_epoch").intValue()).isEqualTo(200_000);
    assertThat(http.post(path + "/stop").expect(202).json().get("state").stringValue())
        .isEqualTo("cancelled");
    JsonNode ended = http.await(path);
    assertThat(ended.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(ended.get("result").isNull()).isTrue();
    while (http.job(path).path("releasing").asBoolean(false)) {
      Http.pause(java.time.Duration.ofMillis(20));
    }
    http.get("/v1/datasets/slow-out").expectProblem(404, "dataset_not_found");
    http.delete("/v1/datasets/slow/versions/1").expect(204);
    assertThat(
            Set.of(http.events(path, 0).getLast().kind(), http.events(path, 0).getFirst().kind()))
        .contains("done", "state");
  }

  private static final String VISITS =
      """
      {'model': {'name': '%s', 'inputs': {'x': {%s}}, 'targets': {'y': {'column': 'y'}},
                 'network': {'layers': [%s {'type': 'dense', 'units': 1}]}},
       'dataset': {'name': 'visits'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1, 'metrics': ['mae']}}
      """;

  private void upload(String... rows) {
    http.upload("visits", "city,shop,y\nrome,0,1\nbonn,1,2\nrome,1,3\nbonn,0,4\n");
    http.upload("others", "city,shop,y\n" + String.join("\n", rows) + "\n");
  }

  @Test
  void rowsThatCannotBeReadRefuseTheJobOrAreSkipped() {
    upload("rome,0,1", "oslo,1,2", ",1,3", "bonn,1,4.5", "rome,0,7");
    train(VISITS.formatted("skipper", "'columns': ['city', 'shop']", ""));
    String body =
        "{'model': 'skipper', 'version': 'latest', 'dataset': {'name': 'others'}%s, 'result':"
            + " {'dataset': 'skipped'}}";
    String reject = body.formatted("").replace('\'', '"');
    assertThat(http.post("/v1/batch-predictions", reject).expect(422).text())
        .contains(
            "Row 2, column 'city': 'oslo' is not among",
            "Row 3, column 'city': 'city' has no value",
            "leaves such rows out");
    http.post("/v1/batch-predictions", body.formatted(", 'on_error': 'ignore'").replace('\'', '"'))
        .expectFault("/on_error", "One of reject, skip was expected");

    JsonNode job = predict(body.formatted(", 'on_error': 'skip'"));
    assertThat(job.at("/result/rows").intValue()).isEqualTo(5);
    assertThat(job.at("/result/skipped_rows").intValue()).isEqualTo(2);
    assertThat(job.at("/result/skipped/0/row").intValue()).isEqualTo(2);
    assertThat(job.at("/result/skipped/0/column").stringValue()).isEqualTo("city");
    assertThat(job.at("/result/skipped/1/row").intValue()).isEqualTo(3);
    JsonNode rows = rows("skipped");
    double error = 0;
    for (int i : List.of(0, 3, 4)) {
      JsonNode row = rows.get(i);
      error += Math.abs(row.get("predicted_y").doubleValue() - row.get("y").doubleValue()) / 3;
    }
    assertThat(rows.get(1).path("predicted_y").isNumber()).isFalse();
    assertThat(rows.get(2).path("predicted_y").isNumber()).isFalse();
    assertThat(rows.get(1).get("city").stringValue()).isEqualTo("oslo");
    assertThat(job.at("/metrics/mae").doubleValue()).isCloseTo(error, within(1e-6));
    JsonNode evaluation = http.job("/v1/jobs/" + job.get("id").stringValue() + "/evaluation");
    assertThat(evaluation.get("skipped_rows").intValue()).isEqualTo(2);
    String content = "/v1/datasets/skipped/versions/latest/content";
    assertThat(http.get(content, "Accept", "text/csv").text().lines().skip(2).limit(2))
        .containsExactly("oslo,1,2.0,", ",1,3.0,");
    assertThat(http.get(content).expect(200).bytes()).startsWith('P', 'A', 'R', '1');

    JsonNode none =
        predict(
            body.replace("others", "visits")
                .replace("'skipped'", "'none-skipped'")
                .formatted(", 'on_error': 'skip'"));
    assertThat(none.at("/result/skipped_rows").intValue()).isZero();
  }

  @Test
  void indicesBeyondATableAndWindowsOfSuchRowsAreSkipped() {
    upload("rome,0,1", "bonn,1,2", "rome,9,3", "bonn,1,4", "rome,-1,7", "bonn,0,1", "bonn,1,1");
    String table = "{'type': 'embedding', 'vocabulary': 'auto', 'dim': 2}, {'type': 'flatten'},";
    train(VISITS.formatted("table-skipper", "'columns': ['shop'], 'encode': 'index'", table));
    train(
        VISITS.formatted(
            "window-skipper", "'columns': ['shop', 'city'], 'window': 2", "{'type': 'flatten'},"));
    String body =
        "{'model': '%s', 'version': 'latest', 'dataset': {'name': '%s'}, 'on_error': 'skip',"
            + " 'result': {'dataset': '%s'}}";
    JsonNode table1 = predict(body.formatted("table-skipper", "others", "table-skipped"));
    assertThat(table1.at("/result/skipped_rows").intValue()).isEqualTo(2);
    assertThat(table1.at("/result/skipped").toString())
        .contains("\"row\":3", "'embedding_1' takes whole numbers from 0 to 1, got 9", "\"row\":5");
    assertThat(missing("table-skipped")).containsExactly(3, 5);

    http.upload(
        "series", "city,shop,y\nrome,0,1\nbonn,1,2\noslo,1,3\nbonn,1,4\nrome,1,7\nbonn,0,1\n");
    JsonNode windows = predict(body.formatted("window-skipper", "series", "windows-skipped"));
    assertThat(windows.at("/result/rows").intValue()).isEqualTo(5);
    assertThat(windows.at("/result/skipped_rows").intValue()).isEqualTo(2);
    assertThat(windows.at("/result/skipped/0/row").intValue()).isEqualTo(3);
    assertThat(missing("windows-skipped")).containsExactly(2, 3);
  }

  /** The numbers of the rows without a prediction, from 1. */
  private List<Integer> missing(String dataset) {
    List<Integer> missing = new ArrayList<>();
    JsonNode rows = rows(dataset);
    for (int i = 0; i < rows.size(); i++) {
      if (!rows.get(i).path("predicted_y").isNumber()) {
        missing.add(i + 1);
      }
    }
    return missing;
  }
}
