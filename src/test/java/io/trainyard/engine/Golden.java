package io.trainyard.engine;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Values that scripts under src/test/python made with PyTorch. */
public final class Golden {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static final List<String> LAYER_FILES =
      List.of(
          "layers.json",
          "convolutions.json",
          "sequences.json",
          "graph.json",
          "expressions.json",
          "tabular.json");

  private Golden() {}

  public static JsonNode read(String file) {
    try (InputStream in =
        Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + file), file)) {
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Small networks with PyTorch's output and gradients. */
  public static Stream<JsonNode> layerCases() {
    return LAYER_FILES.stream().flatMap(file -> read(file).get("cases").valueStream());
  }

  public static HostTensor tensor(JsonNode json) {
    List<Integer> dims = new ArrayList<>();
    json.get("shape").forEach(dim -> dims.add(dim.asInt()));
    boolean integers = json.get("type").asString().equals("int64");
    HostTensor tensor =
        HostTensor.allocate(integers ? ElementType.INT64 : ElementType.FLOAT32, new Shape(dims));
    int i = 0;
    for (JsonNode element : json.get("data")) {
      if (integers) {
        tensor.setLong(i++, element.asLong());
      } else {
        tensor.setFloat(i++, element.floatValue());
      }
    }
    return tensor;
  }

  public static Map<String, HostTensor> tensors(JsonNode json) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    json.properties().forEach(entry -> tensors.put(entry.getKey(), tensor(entry.getValue())));
    return tensors;
  }
}
