package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A recurrent net feeding a caller's function, trained as one; nested frozen and joint. */
@ScenarioTest
class RecurrentFunctionTest {
  @Autowired private Http http;

  private static final int LENGTH = 8;

  private static String model(String name, String expression) {
    return """
    {"name": "%s", "inputs": {"x": {"column": "x", "shape": [%d, 1]}},
     "targets": {"y": {"column": "y"}},
     "network": {"layers": [
       {"type": "lstm", "name": "lstm", "units": 8},
       {"type": "dense", "name": "number", "units": 1},
       {"type": "lambda", "name": "f", "expression": "%s"}]}}
    """
        .formatted(name, LENGTH, expression);
  }

  private static String job(String model) {
    return """
    {"model": %s, "dataset": {"name": "series"},
     "training": {"loss": "mse", "epochs": 120, "batch_size": 32, "seed": 1,
                  "optimizer": {"type": "adam", "learning_rate": 0.01}}}
    """
        .formatted(model);
  }

  private void uploadSeries() {
    StringBuilder rows = new StringBuilder("[");
    for (int row = 0; row < 200; row++) {
      double phase = row * 0.1;
      StringBuilder series = new StringBuilder("[");
      for (int t = 0; t < LENGTH; t++) {
        series.append(t == 0 ? "" : ",").append('[').append(Math.sin(phase + t * 0.3)).append(']');
      }
      double hidden = 0.8 * Math.sin(phase + LENGTH * 0.3);
      double target = 3 * Math.sin(hidden) + 0.5 * hidden * hidden;
      rows.append(row == 0 ? "" : ",")
          .append("{\"x\":")
          .append(series)
          .append("],\"y\":")
          .append(target)
          .append('}');
    }
    http.post("/v1/datasets?name=series", rows.append(']').toString());
  }

  @Test
  void gradientsFlowThroughTheCallersFormulaIntoTheRecurrentNet() {
    uploadSeries();
    JsonNode done = http.train(job(model("through-f", "3*sin(x) + 0.5*x^2")));
    JsonNode epochs =
        http.get("/v1/jobs/" + done.get("id").stringValue() + "/metrics").json().get("epochs");
    double first = epochs.get(0).get("loss").doubleValue();
    double last = epochs.get(epochs.size() - 1).get("loss").doubleValue();
    assertThat(last).isLessThan(first / 20);

    JsonNode answer =
        http.post(
                "/v1/models/through-f/predict",
                """
                {"instances": [{"x": [[0.1],[0.2],[0.3],[0.4],[0.5],[0.6],[0.7],[0.8]]}],
                 "outputs": ["number"]}
                """)
            .expect(200)
            .json();
    double before = answer.at("/outputs/number/0/0").doubleValue();
    double after = answer.at("/predictions/0/y").doubleValue();
    assertThat(after).isCloseTo(3 * Math.sin(before) + 0.5 * before * before, within(1e-4));
  }

  @Test
  void aStepOnTheWayToTrainableWeightsIsRefusedWithTheReason() {
    uploadSeries();
    JsonNode problem = http.post("/v1/jobs", job(model("steps", "step(x)"))).expect(422).json();
    assertThat(problem.at("/errors/0/pointer").stringValue()).startsWith("/model/network/layers/2");
    assertThat(problem.at("/errors/0/detail").stringValue()).containsIgnoringCase("gradient");
  }

  @Test
  void aFrozenNestedModelComesOutBitIdentical() {
    uploadSeries();
    http.train(job(model("inner", "x")));
    String outer =
        """
        {"name": "outer", "inputs": {"x": {"column": "x", "shape": [8, 1]}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [
           {"type": "model", "name": "rnn", "ref": "inner@1", "trainable": false},
           {"type": "dense", "name": "head", "units": 1}]}}
        """;
    http.train(job(outer));
    Map<String, HostTensor> before = weights("inner");
    Map<String, HostTensor> after = weights("outer");
    assertThat(before.keySet())
        .containsExactlyInAnyOrder(
            "lstm.weight_ih_l0",
            "lstm.weight_hh_l0",
            "lstm.bias_ih_l0",
            "lstm.bias_hh_l0",
            "number.weight",
            "number.bias");
    before.forEach(
        (name, tensor) -> {
          HostTensor nested = Objects.requireNonNull(after.get("rnn." + name), name);
          assertThat(nested.toFloats()).as(name).isEqualTo(tensor.toFloats()).isNotEmpty();
        });
    // The biases of the recurrent layer have been trained, so that their copies say something.
    assertThat(Objects.requireNonNull(before.get("lstm.bias_ih_l0")).toFloats()).doesNotContain(0);
    http.delete("/v1/models/inner/versions/1").expect(409);
  }

  private Map<String, HostTensor> weights(String model) {
    String path = "/v1/models/" + model + "/versions/1/weights";
    return SafeTensors.read(MemorySegment.ofArray(http.get(path).expect(200).bytes()));
  }
}
