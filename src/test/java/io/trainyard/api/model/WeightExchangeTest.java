package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A PyTorch module's state_dict comes in, answers as it did there, and goes out as it came. */
@ServiceTest
@Timeout(120)
class WeightExchangeTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String SPEC =
      """
      {"name": "exchange", "network": {
        "inputs": {"image": {"shape": [1, 8, 8]}, "series": {"shape": [6, 3]}},
        "layers": [
          {"type": "conv2d", "name": "c", "inputs": ["image"], "filters": 4, "kernel_size": 3,
           "activation": "relu", "data_format": "channels_first"},
          {"type": "flatten", "name": "flat"},
          {"type": "lstm", "name": "r", "inputs": ["series"], "units": 5, "layers": 2,
           "bidirectional": true},
          {"type": "concat", "name": "joined", "inputs": ["flat", "r"], "axis": 0},
          {"type": "batch_norm", "name": "n"},
          {"type": "dense", "name": "o", "units": 3, "activation": "softmax"}]}}\
      """;

  @TempDir Path folder;
  @Autowired private Http http;

  @Test
  void stateDictTravelsBothWays() throws IOException {
    byte[] weights = Files.readAllBytes(GOLDEN.resolve("exchange.safetensors"));
    new Multipart()
        .part("spec", SPEC)
        .part("weights", weights)
        .post(http, "/v1/models/exchange/versions")
        .expect(201);

    JsonNode golden =
        JsonMapper.builder().build().readTree(Files.readAllBytes(GOLDEN.resolve("exchange.json")));
    ArrayNode instances = JsonNodeFactory.instance.arrayNode();
    for (int row = 0; row < 4; row++) {
      instances
          .addObject()
          .set("image", nested(golden.get("image"), row))
          .set("series", nested(golden.get("series"), row));
    }
    Answer answer = http.post("/v1/models/exchange/predict", "{\"instances\": " + instances + "}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    for (int row = 0; row < 4; row++) {
      for (int i = 0; i < 3; i++) {
        // 2e-5 relative: the recurrent cell's kernels differ in the order of their sums.
        double expected = golden.at("/answer/data/" + (row * 3 + i)).doubleValue();
        assertThat(answer.json().at("/predictions/" + row + "/" + i).doubleValue())
            .isCloseTo(expected, within(2e-5 * expected));
      }
    }
    assertSameTensors(http.get("/v1/models/exchange/versions/1/weights").bytes(), weights);
  }

  @Test
  void lengthsOfBinaryAnswersAreTold() {
    // A tensor of 40 KB: the server itself counts answers of some KB.
    String spec =
        """
        {"name": "lengths", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 5000}]}}\
        """;
    Weights wide =
        new Weights()
            .with("h.weight", Shape.of(5000, 2), new float[10_000])
            .with("h.bias", Shape.of(5000), new float[5000]);
    http.importVersion("lengths", spec, wide);
    String path = "/v1/models/lengths/versions/1/weights";
    Answer file = http.get(path);
    assertThat(file.header("Content-Length")).isEqualTo(String.valueOf(file.bytes().length));
    Answer part = http.get(path, "Range", "bytes=2-9");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.header("Content-Length")).isEqualTo("8");
    Answer array = http.get(path + "/h.weight", "Accept", "application/x-npy");
    assertThat(array.header("Content-Length")).isEqualTo(String.valueOf(array.bytes().length));
  }

  /** The same names, types, shapes and bits: what load_state_dict(strict=True) asks for. */
  private void assertSameTensors(byte[] ours, byte[] theirs) throws IOException {
    Path a = Files.write(folder.resolve("ours"), ours);
    Path b = Files.write(folder.resolve("theirs"), theirs);
    try (SafeTensors left = SafeTensors.open(a);
        SafeTensors right = SafeTensors.open(b)) {
      Map<String, HostTensor> tensors = left.tensors();
      assertThat(tensors.keySet()).isEqualTo(right.tensors().keySet());
      for (String name : tensors.keySet()) {
        assertThat(left.tensor(name).type()).as(name).isEqualTo(right.tensor(name).type());
        assertThat(left.tensor(name).shape()).as(name).isEqualTo(right.tensor(name).shape());
        assertThat(left.tensor(name).data().mismatch(right.tensor(name).data()))
            .as(name)
            .isEqualTo(-1);
      }
    }
  }

  /** One row of a golden tensor as nested lists. */
  private static JsonNode nested(JsonNode tensor, int row) {
    int[] next = {0};
    int size = 1;
    for (int axis = 1; axis < tensor.get("shape").size(); axis++) {
      size *= tensor.get("shape").get(axis).intValue();
    }
    next[0] = row * size;
    return nested(tensor, 1, next);
  }

  private static JsonNode nested(JsonNode tensor, int axis, int[] next) {
    if (axis == tensor.get("shape").size()) {
      return tensor.get("data").get(next[0]++);
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < tensor.get("shape").get(axis).intValue(); i++) {
      list.add(nested(tensor, axis + 1, next));
    }
    return list;
  }
}
