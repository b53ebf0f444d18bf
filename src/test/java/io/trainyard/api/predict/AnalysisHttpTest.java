package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Uncertainty and attributions of predictions, against PyTorch and by hand. */
@ServiceTest
@Timeout(120)
class AnalysisHttpTest {
  private static final JsonNode GOLDEN = Golden.read("analysis.json");
  private static final String[] CITIES = {"bern", "oslo", "rome"};
  private static final Offset<Double> CLOSE = within(1e-4);

  private static final String ENCODING =
      """
      {"inputs": {"x": {"type": "float32", "shape": [5], "columns": [
         {"column": "a", "type": "number", "scale": "standard", "impute": "error", "offset": 2, "span": 4},
         {"column": "b", "type": "number", "scale": "standard", "impute": "error", "offset": -1, "span": 0.5},
         {"column": "city", "type": "string", "encode": "one_hot", "unknown": "error",
          "categories": ["bern", "oslo", "rome"]}]}},
       "targets": {"s": {"output": "fc3", "kind": "class", "column": "s", "type": "string",
         "classes": ["p", "q", "r"]}}}
      """;

  @Autowired private Http http;

  private JsonNode predict(String model, String body) {
    return http.post("/v1/models/" + model + "/predict", body.replace('\'', '"'))
        .expect(200)
        .json();
  }

  private static float[] floats(JsonNode list) {
    float[] floats = new float[list.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = list.get(i).floatValue();
    }
    return floats;
  }

  /** The network of {@code analysis.py} with its encoding. */
  private void importColumns(String model) {
    JsonNode weights = GOLDEN.get("weights");
    Weights named = new Weights();
    int[][] sizes = {{6, 5}, {4, 6}, {3, 4}};
    for (int i = 1; i <= 3; i++) {
      Shape shape = Shape.of(sizes[i - 1][0], sizes[i - 1][1]);
      named
          .with("fc" + i + ".weight", shape, floats(weights.get("fc" + i + ".weight")))
          .with(
              "fc" + i + ".bias", Shape.of(shape.axis(0)), floats(weights.get("fc" + i + ".bias")));
    }
    String spec =
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b", "city"], "scale": "standard"}},
         "targets": {"s": {"column": "s", "type": "class"}}, "network": {"layers": [
          {"type": "dense", "name": "fc1", "units": 6, "activation": "tanh"},
          {"type": "dense", "name": "fc2", "units": 4, "activation": "relu"},
          {"type": "dense", "name": "fc3", "units": 3, "activation": "softmax"}]}}
        """
            .formatted(model);
    new Multipart()
        .part("spec", spec)
        .part("weights", named.bytes())
        .json("encoding", ENCODING)
        .post(http, "/v1/models/" + model + "/versions")
        .expect(201);
  }

  @Test
  void attributionsAreThoseOfPyTorch() {
    importColumns("explained");

    JsonNode rows = GOLDEN.get("rows");
    int row = 0;
    for (JsonNode golden : GOLDEN.get("cases")) {
      JsonNode number = golden.get("class");
      String ofClass =
          number.isNull() ? "" : ", 'class': '" + "pqr".charAt(number.intValue()) + "'";
      JsonNode prediction =
          predict(
                  "explained",
                  "{'instances': [{'a': %s, 'b': %s, 'city': '%s'}], 'explain': {'baseline': 'zeros'%s}}"
                      .formatted(
                          rows.get(row).get(0),
                          rows.get(row).get(1),
                          CITIES[GOLDEN.get("cities").get(row).intValue()],
                          ofClass))
              .at("/predictions/0");
      JsonNode shares = prediction.get("attributions");
      JsonNode expected = golden.get("shares");
      assertThat(shares.propertyNames()).containsExactly("a", "b", "city");
      assertThat(shares.get("a").doubleValue()).isCloseTo(expected.get(0).doubleValue(), CLOSE);
      assertThat(shares.get("b").doubleValue()).isCloseTo(expected.get(1).doubleValue(), CLOSE);
      assertThat(shares.get("city").doubleValue()).isCloseTo(expected.get(2).doubleValue(), CLOSE);
      double begin = golden.get("baseline_output").doubleValue();
      assertThat(prediction.get("baseline_output").doubleValue()).isCloseTo(begin, CLOSE);
      double difference = golden.get("output").doubleValue() - begin;
      assertThat(sum(shares)).isCloseTo(difference, within(0.01 * Math.abs(difference)));
      row = (row + 1) % rows.size();
    }
  }

  private static double sum(JsonNode shares) {
    double sum = shares.isNumber() ? shares.doubleValue() : 0;
    for (JsonNode share : shares) {
      sum += sum(share);
    }
    return sum;
  }

  /** Two stacked layers, with dropout between them. */
  private void importLstm(String model, String dropout) {
    JsonNode lstm = GOLDEN.get("lstm");
    Weights weights = new Weights();
    lstm.properties()
        .forEach(
            each -> {
              String name = each.getKey();
              boolean first = name.equals("weight_ih_l0");
              Shape shape = name.startsWith("bias") ? Shape.of(16) : Shape.of(16, first ? 1 : 4);
              weights.with("r." + name, shape, floats(each.getValue()));
            });
    weights
        .with("y.weight", Shape.of(1, 4), floats(GOLDEN.at("/head/weight")))
        .with("y.bias", Shape.of(1), floats(GOLDEN.at("/head/bias")));
    http.importVersion(
        model,
        """
        {"name": "%s", "network": {"inputs": {"t": {"shape": [3, 1]}}, "layers": [
          {"type": "lstm", "name": "r", "units": 4, "layers": 2, "dropout": %s},
          {"type": "dense", "name": "y", "units": 1}]}}
        """
            .formatted(model, dropout),
        weights);
  }

  @Test
  void spreadOfRecurrentDropoutIsThatOfPyTorch() {
    importLstm("spread-lstm", "0.4");

    JsonNode answer =
        predict("spread-lstm", "{'instances': [[[0.5], [-1], [2]]], 'samples': 1000, 'seed': 1}");
    // Four standard errors of 1000 samples.
    double std = GOLDEN.get("std").doubleValue();
    JsonNode spread = answer.at("/uncertainty/0/y");
    assertThat(spread.at("/mean/0").doubleValue())
        .isCloseTo(GOLDEN.get("mean").doubleValue(), within(4 * std / Math.sqrt(1000)));
    assertThat(spread.at("/std/0").doubleValue()).isCloseTo(std, within(4 * std / Math.sqrt(2000)));
    assertThat(answer.at("/predictions/0/0").isNumber()).isTrue();
  }

  @Test
  void aWindowOfARecurrentNetHasAShareForEachStep() {
    importLstm("explained-lstm", "0.4");

    JsonNode answer =
        predict(
            "explained-lstm",
            "{'instances': [[[0.5], [-1], [2]]], 'explain': 'integrated_gradients'}");
    JsonNode shares = answer.at("/attributions/0/t");
    assertThat(shares).hasSize(3);
    double difference =
        answer.at("/predictions/0/0").doubleValue() - answer.at("/baseline_output/0").doubleValue();
    assertThat(sum(shares)).isCloseTo(difference, within(0.01 * Math.abs(difference)));
  }

  /** y = 2·(w·dropout(x)), and the target's units are 10. */
  private void importDropout(String model, String noise) {
    String spec =
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"y": {"column": "y", "scale": "standard"}}, "network": {"layers": [
          %s {"type": "dense", "name": "d", "units": 1}]}}
        """
            .formatted(model, noise)
            .replace("'", "\"");
    String encoding =
        """
        {"inputs": {"x": {"type": "float32", "shape": [2], "columns": [
           {"column": "a", "type": "number", "scale": "none", "impute": "error"},
           {"column": "b", "type": "number", "scale": "none", "impute": "error"}]}},
         "targets": {"y": {"output": "d", "kind": "number", "values": {"type": "float32", "shape": [1],
           "columns": [{"column": "y", "type": "number", "scale": "standard", "impute": "error",
             "offset": 5, "span": 10}]}}}}
        """;
    new Multipart()
        .part("spec", spec)
        .part(
            "weights",
            new Weights()
                .with("d.weight", Shape.of(1, 2), 3, 4)
                .with("d.bias", Shape.of(1), 1)
                .bytes())
        .json("encoding", encoding)
        .post(http, "/v1/models/" + model + "/versions")
        .expect(201);
  }

  @Test
  void spreadIsInTheTargetsUnitsAndDependsOnTheSeed() {
    importDropout("spread-out", "{'type': 'dropout', 'rate': 0.2},");

    String body =
        "{'instances': [{'a': 1, 'b': -2}, {'a': 0, 'b': 0}], 'samples': 1000, 'seed': %d}";
    JsonNode answer = predict("spread-out", body.formatted(7));
    JsonNode spread = answer.at("/predictions/0/uncertainty/y");
    // Mean 10·(3 − 8 + 1) + 5; variance 10²·(3² + 8²)·0.2/0.8; four standard errors.
    double std = 10 * Math.sqrt(73 * 0.25);
    assertThat(spread.get("mean").doubleValue()).isCloseTo(-35, within(4 * std / Math.sqrt(1000)));
    assertThat(spread.get("std").doubleValue()).isCloseTo(std, within(0.1 * std));
    JsonNode sure = answer.at("/predictions/1/uncertainty/y");
    assertThat(sure.get("mean").doubleValue()).isEqualTo(15);
    assertThat(sure.get("std").doubleValue()).isZero();
    assertThat(predict("spread-out", body.formatted(7))).isEqualTo(answer);
    assertThat(predict("spread-out", body.formatted(8))).isNotEqualTo(answer);
    JsonNode shares =
        predict(
                "spread-out",
                "{'instances': [{'a': 1, 'b': -2}], 'explain': {'steps': 2, 'baseline': 'zeros'}}")
            .at("/predictions/0");
    // 10·3·1 and 10·4·(−2), from 10·1 + 5: dropout is off.
    assertThat(shares.at("/attributions/a").doubleValue()).isEqualTo(30);
    assertThat(shares.at("/attributions/b").doubleValue()).isEqualTo(-80);
    assertThat(shares.get("baseline_output").doubleValue()).isEqualTo(15);
  }

  @Test
  void noiseIsAddedToEachElement() {
    importDropout("noisy", "{'type': 'gaussian_noise', 'std': 0.5},");

    JsonNode spread =
        predict("noisy", "{'instances': [{'a': 1, 'b': 1}], 'samples': 1000, 'seed': 2}")
            .at("/predictions/0/uncertainty/y");
    double std = 10 * 0.5 * 5; // 10·0.5·√(3² + 4²)
    assertThat(spread.get("std").doubleValue()).isCloseTo(std, within(0.1 * std));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'samples': 10 | /samples | so all samples would be the same",
        "'samples': 1 | /samples | from 2 to 1000",
        "'samples': '10' | /samples | from 2 to 1000",
        "'seed': 1 | /seed | is for 'samples'",
        "'explain': 'shap' | /explain | 'integrated_gradients' was expected",
        "'explain': {'method': 'shap'} | /explain/method | 'integrated_gradients' was expected",
        "'explain': {'steps': 0} | /explain/steps | from 1 to 1000",
        "'explain': {'baseline': 'median'} | /explain/baseline | One of mean, zeros",
        "'explain': {'target': 'z'} | /explain/target | One of [s]",
        "'explain': {'class': 'z'} | /explain/class | One of [p, q, r]",
        "'explain': {'class': []} | /explain/class | A class or a column",
        "'explain': {'baseline': 'mean'} | /explain/baseline | has no dataset any more",
        "'explain': {'depth': 1} | /explain/depth | Unknown member",
        "'explain': 4 | /explain | An object was expected",
      })
  void mistakesAreNamed(String asked, String pointer, String detail) {
    if (http.get("/v1/models/mistaken").status() == 404) {
      importColumns("mistaken");
    }
    http.post(
            "/v1/models/mistaken/predict",
            ("{'instances': [{'a': 1, 'b': 1, 'city': 'bern'}], " + asked + "}").replace('\'', '"'))
        .expectFault(pointer, detail);
  }

  @Test
  void whatHasNoGradientIsRefused() {
    http.importVersion(
        "steps",
        """
        {"name": "steps", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "d", "units": 2, "activation": "step"},
          {"type": "dense", "name": "y", "units": 1}]}}
        """,
        new Weights()
            .with("d.weight", Shape.of(2, 2), 1, 0, 0, 1)
            .with("d.bias", Shape.of(2), 0, 0)
            .with("y.weight", Shape.of(1, 2), 1, 1)
            .with("y.bias", Shape.of(1), 0));
    String explain = "{\"instances\": [[1, 2]], \"explain\": \"integrated_gradients\"}";
    http.post("/v1/models/steps/predict", explain)
        .expectFault("/explain", "Layer 'd' has no gradient");

    http.importVersion(
        "looked-up",
        """
        {"name": "looked-up", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1}]}}
        """,
        new Weights().with("e.weight", Shape.of(3, 1), 1, 2, 3));
    http.post("/v1/models/looked-up/predict", explain)
        .expectFault("/explain", "which embeddings look up");
  }

  @Test
  void aPerceptronIsExplainedBeforeItsStep() {
    http.importVersion(
        "perceptron",
        """
        {"name": "perceptron", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "d", "units": 1, "activation": "step"}]}}
        """,
        new Weights().with("d.weight", Shape.of(1, 2), 2, 3).with("d.bias", Shape.of(1), -1));

    JsonNode answer =
        predict(
            "perceptron",
            "{'instances': [[1, 2]], 'explain': {'method': 'integrated_gradients', 'steps': 1}}");
    assertThat(answer.at("/attributions/0/x/0").doubleValue()).isEqualTo(2);
    assertThat(answer.at("/attributions/0/x/1").doubleValue()).isEqualTo(6);
    assertThat(answer.at("/baseline_output/0").doubleValue()).isEqualTo(-1);
  }

  @Test
  void manySamplesOfManyRowsAreRefusedAndNpyHasNoRoom() {
    importDropout("limited", "{'type': 'dropout', 'rate': 0.2},");
    String rows = "{\"a\": 1, \"b\": 1},".repeat(1001);
    http.post(
            "/v1/models/limited/predict",
            "{\"samples\": 1000, \"instances\": [" + rows.substring(0, rows.length() - 1) + "]}")
        .expectFault("/samples", "are more than 1000000");
    assertThat(
            http.post(
                    "/v1/models/limited/predict",
                    "{\"samples\": 10, \"instances\": [{\"a\": 1, \"b\": 1}]}",
                    "Accept",
                    "application/x-npy")
                .expect(422)
                .text())
        .contains("has no room for 'samples'");
  }
}
