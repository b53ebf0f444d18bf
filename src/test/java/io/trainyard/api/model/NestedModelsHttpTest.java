package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A trained version as a layer of another model, frozen. */
@ServiceTest
@Timeout(120)
class NestedModelsHttpTest {
  @Autowired private Http http;

  @Test
  void aFrozenVersionComesOutBitIdenticalAndCannotBeDeleted() {
    importInner();
    http.upload("nesting", "a,b,y\n1,2,5\n2,1,4\n0,1,2\n3,3,9\n1,0,1\n2,2,6\n");
    http.train(
        """
            {"model": {"name": "outer", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"y": {"column": "y"}},
              "network": {"layers": [
                {"type": "model", "name": "inner", "ref": "inner@latest", "trainable": false},
                {"type": "dense", "name": "out", "units": 1}]}},
             "dataset": {"name": "nesting"},
             "training": {"loss": "mse", "epochs": 20, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.05}}}
        """);

    JsonNode spec = http.get("/v1/models/outer/versions/1").json().get("spec");
    assertThat(spec.at("/network/layers/0/ref").stringValue()).isEqualTo("inner@1");
    JsonNode frozen = http.get("/v1/models/outer/versions/1/weights/inner.h.weight").json();
    JsonNode own = http.get("/v1/models/inner/versions/1/weights/h.weight").json();
    assertThat(frozen.get("data")).isEqualTo(own.get("data"));
    assertThat(http.delete("/v1/models/inner/versions/1").status()).isEqualTo(409);

    JsonNode answer =
        http.post(
                "/v1/models/outer/predict",
                "{\"instances\": [{\"a\": 1, \"b\": 2}], \"outputs\": [\"inner\", \"inner/h\"]}")
            .json();
    // tanh(0.5·1 − 0.25·2) = 0
    assertThat(answer.at("/outputs/inner/0/0").doubleValue()).as(answer.toString()).isZero();
    assertThat(answer.at("/outputs").has("inner/h")).isTrue();
  }

  @Test
  void aReferenceToNothingIsNamed() {
    JsonNode answer =
        http.post(
                "/v1/models:validate",
                """
                {"model": {"name": "n", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
                  {"type": "model", "ref": "nothing@1"}]}}}
                """)
            .json();

    assertThat(answer.get("valid").booleanValue()).isFalse();
    assertThat(answer.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/network/layers/0/ref");
  }

  private void importInner() {
    http.importVersion(
        "inner",
        """
        {"name": "inner", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 1, "activation": "tanh"}]}}
        """,
        new Weights()
            .with("h.weight", Shape.of(1, 2), 0.5f, -0.25f)
            .with("h.bias", Shape.of(1), 0));
  }
}
