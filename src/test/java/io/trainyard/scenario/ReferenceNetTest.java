package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The branched net from PyTorch's weights: ten Adam steps on one batch give PyTorch's losses.
 * Golden values: src/test/python/reference_net.py.
 */
@ScenarioTest
class ReferenceNetTest {
  @Autowired private Http http;

  private static final String NETWORK =
      """
      {"layers": [
        {"type": "dense", "name": "fc1", "units": 4, "inputs": ["x"]},
        {"type": "dense", "name": "fc2", "units": 4, "inputs": ["x"]},
        {"type": "permute", "name": "t", "axes": [1, 0], "inputs": ["fc2"]},
        {"type": "matmul", "name": "product", "inputs": ["fc1", "t"]},
        {"type": "flatten", "name": "flat"},
        {"type": "dense", "name": "head", "units": 1}]}
      """;
  private static final String MODEL =
      """
      {"name": "reference", "inputs": {"x": {"column": "x", "shape": [3, 4]}},
       "targets": {"y": {"column": "y"}}, "network": %s}
      """
          .formatted(NETWORK);

  private JsonNode golden = JsonMapper.shared().createObjectNode();

  @BeforeEach
  void readGolden() throws Exception {
    golden =
        JsonMapper.shared()
            .readTree(Files.readAllBytes(Path.of("src/test/resources/golden/reference_net.json")));
  }

  @Test
  void tenAdamLossesAreThoseOfPyTorch() throws Exception {
    http.post("/v1/datasets?name=reference", golden.get("rows").toString());
    JsonNode imported =
        new Multipart()
            .json("spec", MODEL)
            .part("weights", weights())
            .post(http, "/v1/models/reference/versions")
            .expect(201)
            .json();
    JsonNode done =
        http.train(
            """
                {"model": "reference", "dataset": {"name": "reference"},
                 "initial_weights": {"version": %d},
                 "training": {"loss": "mse", "epochs": 10, "batch_size": 8, "shuffle": false,
                              "optimizer": {"type": "adam", "learning_rate": 0.01}, "publish": "last"}}
                """
                .formatted(imported.get("version").intValue()));

    JsonNode epochs =
        http.get("/v1/jobs/" + done.get("id").stringValue() + "/metrics").json().get("epochs");
    assertThat(epochs.size()).isEqualTo(10);
    for (int i = 0; i < 10; i++) {
      assertThat(epochs.get(i).get("loss").doubleValue())
          .as("loss of step " + (i + 1))
          .isCloseTo(golden.at("/losses/" + i).doubleValue(), Percentage.withPercentage(0.001));
    }

    JsonNode row = golden.at("/rows/0/x");
    JsonNode answer =
        http.post(
                "/v1/models/reference/versions/latest/predict",
                "{\"instances\":[{\"x\":" + row + "}]}")
            .expect(200)
            .json();
    assertThat(answer.at("/predictions/0/y").doubleValue())
        .isCloseTo(golden.at("/prediction_after/0").doubleValue(), within(1e-5));
  }

  @Test
  void shapesAndCountsAreKnownBeforeAStep() {
    JsonNode summary =
        http.post(
                "/v1/models:validate",
                "{\"model\": {\"name\": \"raw\", \"network\": "
                    + NETWORK.replaceFirst("\\{", "{\"inputs\": {\"x\": {\"shape\": [3, 4]}}, ")
                    + "}}")
            .expect(200)
            .json()
            .get("summary");
    List<String> shapes = new ArrayList<>();
    summary.get("layers").forEach(layer -> shapes.add(layer.get("output_shape").toString()));
    assertThat(shapes).containsExactly("[3,4]", "[3,4]", "[4,3]", "[3,3]", "[9]", "[1]");
    assertThat(summary.get("parameters").intValue()).isEqualTo(20 + 20 + 10);
  }

  private byte[] weights() throws Exception {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    for (var entry : golden.get("weights").properties()) {
      tensors.put(entry.getKey(), tensor(entry.getValue()));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SafeTensors.write(tensors, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private static HostTensor tensor(JsonNode nested) {
    List<Float> elements = new ArrayList<>();
    boolean matrix = nested.get(0).isArray();
    Shape shape = matrix ? Shape.of(nested.size(), nested.get(0).size()) : Shape.of(nested.size());
    for (JsonNode row : nested) {
      if (matrix) {
        row.forEach(element -> elements.add(element.floatValue()));
      } else {
        elements.add(row.floatValue());
      }
    }
    float[] floats = new float[elements.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = elements.get(i);
    }
    return HostTensor.ofFloats(shape, floats);
  }
}
