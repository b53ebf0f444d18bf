package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.List;
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
    importInner("inner");
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
    assertThat(own.get("values").toString()).isEqualTo("[[0.5,-0.25]]");
    assertThat(frozen.get("values")).isEqualTo(Http.given(own.get("values")));
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
  void severalOutputsOfANestedModelAreReadByTheirNames() {
    http.importVersion(
        "two",
        """
        {"name": "two", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
          {"type": "dense", "name": "a", "units": 1}, {"type": "dense", "name": "b", "units": 1, "inputs": ["x"]}],
          "outputs": ["a", "b"]}}
        """,
        new Weights()
            .with("a.weight", Shape.of(1, 1), 2)
            .with("a.bias", Shape.of(1), 0)
            .with("b.weight", Shape.of(1, 1), 3)
            .with("b.bias", Shape.of(1), 0));
    String nested = "{\"type\": \"model\", \"name\": \"m\", \"ref\": \"two@1\"}";
    http.importVersion("both", raw("both", nested));
    assertThat(http.post("/v1/models/both/predict", "{\"instances\": [[1]]}").text())
        .contains("{\"m/a\":[2.0],\"m/b\":[3.0]}");
    String sum = ", {\"type\": \"add\", \"inputs\": [\"m/a\", \"m/b\"]}";
    http.importVersion("nested-sum", raw("nested-sum", nested + sum));
    assertThat(http.post("/v1/models/nested-sum/predict", "{\"instances\": [[1]]}").text())
        .contains("[[5.0]]");
    JsonNode answer =
        http.post(
                "/v1/models:validate",
                "{\"model\": " + raw("n", nested + ", {\"type\": \"flatten\"}") + "}")
            .json();
    assertThat(answer.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/network/layers/1/inputs/0");
    assertThat(answer.at("/errors/0/detail").stringValue())
        .contains("several outputs: name one of m/a, m/b");
  }

  @Test
  void aNestedSoftmaxIsTrainedOnItsLogits() {
    http.importVersion(
        "soft",
        """
        {"name": "soft", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
          {"type": "dense", "name": "d", "units": 2, "activation": "softmax"}]}}
        """,
        new Weights().with("d.weight", Shape.of(2, 1), 50, -50).with("d.bias", Shape.of(2), 0, 0));
    http.upload("softly", "a,s\n1,y\n1,y\n1,y\n1,y\n");
    String job =
        """
        {"model": {"name": "softer", "inputs": {"x": {"columns": ["a"]}},
           "targets": {"s": {"column": "s", "type": "class", "classes": ["x", "y"]}},
           "network": {"layers": [{"type": "model", "name": "m", "ref": "soft@1"}]}},
         "dataset": {"name": "softly"},
         "training": {"loss": "categorical_crossentropy", "epochs": 1, "shuffle": false,
           "optimizer": {"type": "sgd", "learning_rate": 0.001}}}
        """;
    assertThat(http.post("/v1/models:validate", job).json().get("errors").toString())
        .isEqualTo("[]");
    // The wrong class by 100: its cross-entropy is 100 from logits, and 16 from clamped softmax.
    assertThat(http.train(job).at("/metrics/loss").doubleValue()).isEqualTo(100);
  }

  @Test
  void aStoredModelHoldsTheVersionsItNames() {
    importInner("held");
    http.upload("likes", "a,y\n1,2\n2,4\n3,6\n");
    http.train(
        """
        {"model": {"name": "scaled", "inputs": {"x": {"columns": ["a"], "scale": "standard"}},
           "targets": {"y": {"column": "y"}}, "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "likes"}, "training": {"loss": "mse", "epochs": 1}}
        """);
    String holder =
        """
        {"name": "holder", "inputs": {"x": {"like": "scaled@latest"}, "z": {"columns": ["y", "a"]}},
         "network": {"layers": [
           {"type": "dense", "units": 1, "inputs": ["x"]},
           {"type": "model", "ref": "held@latest", "inputs": ["z"]},
           {"type": "concat", "inputs": ["dense_1", "model_1"]}]}}
        """;
    JsonNode stored = http.post("/v1/models", holder).expect(201).json();
    assertThat(stored.at("/model/inputs/x/like").stringValue()).isEqualTo("scaled@1");

    for (String version : List.of("held/versions/1", "scaled/versions/1")) {
      assertThat(http.delete("/v1/models/" + version).expectProblem(409, "in_use").text())
          .contains("named in 'ref' or 'like' by the model 'holder'");
    }
    http.delete("/v1/models/held").expectProblem(409, "in_use");
    http.put("/v1/models/holder", raw("holder", "{\"type\": \"flatten\"}")).expect(200);
    http.delete("/v1/models/held/versions/1").expect(204);
    http.put(
            "/v1/models/scaled",
            "{\"inputs\": {\"x\": {\"like\": \"scaled@1\"}}, \"network\": {\"layers\": [{\"type\":"
                + " \"flatten\"}]}}")
        .expect(200);
    http.delete("/v1/models/scaled").expect(204);
    http.post("/v1/models", holder.replace("holder", "late"))
        .expectFault("/inputs/x/like", "no model 'scaled'");
  }

  private static String raw(String name, String layers) {
    return "{\"name\": \"%s\", \"network\": {\"inputs\": {\"x\": {\"shape\": [1]}}, \"layers\": [%s]}}"
        .formatted(name, layers);
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

  private void importInner(String name) {
    http.importVersion(
        name,
        """
        {"name": "%s", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 1, "activation": "tanh"}]}}
        """
            .formatted(name),
        new Weights()
            .with("h.weight", Shape.of(1, 2), 0.5f, -0.25f)
            .with("h.bias", Shape.of(1), 0));
  }
}
