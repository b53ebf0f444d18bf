package io.trainyard.model;

import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.LayerSpec.Foreign.Together;
import io.trainyard.tensor.ElementType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How the file of an imported version is computed, as the version says it.
 *
 * @param elements by output, the types of answers; FLOAT32 where it has none
 * @param oneByOne whether each row is computed alone
 */
public record ForeignRun(Map<String, ElementType> elements, boolean oneByOne) {
  public ForeignRun {
    elements = Map.copyOf(elements);
  }

  /** That of a version. */
  public static ForeignRun of(ModelVersion version) {
    Map<String, ElementType> elements = new HashMap<>();
    boolean oneByOne = false;
    for (JsonNode layer : version.spec().path("network").path("layers")) {
      String element = layer.path("element").asString("");
      if (!element.isEmpty()) {
        elements.put(
            layer.path("name").asString(""), ElementType.valueOf(element.toUpperCase(Locale.ROOT)));
      }
      oneByOne |= layer.path(LayerSpec.Foreign.TOGETHER).asString("").equals(Together.ONE.word());
    }
    return new ForeignRun(elements, oneByOne);
  }

  /** The type of an output in answers. */
  public ElementType element(String output) {
    return elements.getOrDefault(output, ElementType.FLOAT32);
  }
}
