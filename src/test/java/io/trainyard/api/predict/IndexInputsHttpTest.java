package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** An input that only embeddings read is INT64 wherever its type matters. */
@ServiceTest
@Timeout(120)
class IndexInputsHttpTest {
  private static final String TOKENS =
      """
      {"name": "tokens", "network": {"inputs": {"t": {"shape": [2]}}, "layers": [
        {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1}]}}
      """;

  @Autowired private Http http;
  @Autowired private VersionResolver versions;

  @Test
  void bareTensorsOfIndicesAreWholeNumbers() {
    http.importVersion("tokens", TOKENS, new Weights().with("e.weight", Shape.of(3, 1), 5, 6, 7));

    assertThat(type("tokens", "t")).isEqualTo(ElementType.INT64);
    String path = "/v1/models/tokens/predict";
    for (String indices : new String[] {"[[0, 2]]", "[[0.0, 2.0]]"}) {
      assertThat(http.post(path, "{\"instances\": " + indices + "}").text())
          .contains("[[[5.0],[7.0]]]");
    }
    http.post(path, "{\"instances\": [[0, 1.5]]}").expectFault("/instances/0", "Whole numbers");
    assertThat(npy(path, HostTensor.ofLongs(Shape.of(1, 2), 1, 2)).text()).contains("[6.0],[7.0]");
    assertThat(npy(path, HostTensor.ofFloats(Shape.of(1, 2), 1, 2)).text()).contains("[6.0],[7.0]");
    npy(path, HostTensor.ofFloats(Shape.of(1, 2), 1, 1.5f)).expectFault("", "Whole numbers");
    assertThat(
            http.get("/v1/models/tokens/versions/1")
                .json()
                .at("/signature/inputs/t/type")
                .stringValue())
        .isEqualTo("int64");
  }

  @Test
  void indicesBehindAReshapeAreWholeNumbersAndOthersAreChecked() {
    http.importVersion(
        "moved-tokens",
        """
        {"name": "moved-tokens", "network": {"inputs": {"t": {"shape": [2]}}, "layers": [
          {"type": "reshape", "shape": [2, 1]},
          {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1}]}}
        """,
        new Weights().with("e.weight", Shape.of(3, 1), 5, 6, 7));
    assertThat(type("moved-tokens", "t")).isEqualTo(ElementType.INT64);
    String path = "/v1/models/moved-tokens/predict";
    http.post(path, "{\"instances\": [[0, 1.5]]}").expectFault("/instances/0", "Whole numbers");
    http.importVersion(
        "both-ways",
        """
        {"name": "both-ways", "network": {"inputs": {"t": {"shape": [2]}}, "layers": [
          {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1},
          {"type": "activation", "name": "a", "function": "tanh", "inputs": ["t"]}],
          "outputs": ["e", "a"]}}
        """,
        new Weights().with("e.weight", Shape.of(3, 1), 5, 6, 7));
    http.post("/v1/models/both-ways/predict", "{\"instances\": [[0, 2], [0, 1.5], [0, 3]]}")
        .expectFault("/instances/1", "'e' takes whole numbers from 0 to 2, got 1.5");
    http.importVersion(
        "in-part",
        """
        {"name": "in-part", "network": {"inputs": {"t": {"shape": [2]}}, "layers": [
          {"type": "slice", "axis": 0, "end": 1},
          {"type": "embedding", "name": "e", "vocabulary": 3, "dim": 1},
          {"type": "activation", "name": "a", "function": "tanh", "inputs": ["t"]}],
          "outputs": ["e", "a"]}}
        """,
        new Weights().with("e.weight", Shape.of(3, 1), 5, 6, 7));
    http.post("/v1/models/in-part/predict", "{\"instances\": [[0, 1.5]]}").expect(200);
    http.post("/v1/models/in-part/predict", "{\"instances\": [[1, 1], [1.5, 1.5]]}")
        .expectFault("/instances/1", "'e' takes whole numbers from 0 to 2, got 1.5");
    assertThat(http.post("/v1/models/both-ways/predict", "{\"instances\": [[0, 2]]}").text())
        .contains("[[5.0],[7.0]]");
  }

  @Test
  void columnsOfIndicesAreWholeNumbers() {
    http.upload("cities", "city,y\nbern,1\nbonn,2\nrome,3\nbern,1\nbonn,2\nrome,3\n");
    http.train(
        """
        {"model": {"name": "indexed",
           "inputs": {"c": {"columns": ["city"], "encode": "index"}}, "targets": {"y": {"column": "y"}},
           "network": {"layers": [
             {"type": "embedding", "vocabulary": 3, "dim": 2}, {"type": "flatten"},
             {"type": "dense", "units": 1}]}},
         "dataset": {"name": "cities"}, "training": {"loss": "mse", "epochs": 1}}
        """);

    assertThat(type("indexed", "c")).isEqualTo(ElementType.INT64);
    assertThat(
            http.get("/v1/models/indexed/versions/1")
                .json()
                .at("/signature/inputs/c/type")
                .stringValue())
        .isEqualTo("int64");
  }

  /** The type of the signature, which the network as loaded must share. */
  private ElementType type(String model, String input) {
    ModelVersion version = versions.resolve(model, "1");
    VersionDefinition definition = VersionDefinition.of(version);
    Signature.Tensor tensor = definition.signature().inputs().get(input);
    assertThat(definition.spec().network().readsIndices(input)).isTrue();
    return tensor == null ? ElementType.BOOL : tensor.type();
  }

  private Http.Answer npy(String path, HostTensor tensor) {
    return http.send(
        "POST", path, Npy.write(tensor), "Content-Type", "application/x-npy", "Accept", "*/*");
  }
}
