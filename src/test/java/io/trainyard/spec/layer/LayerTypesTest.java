package io.trainyard.spec.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.crash.LayerTemplates;
import io.trainyard.engine.Golden;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No layer is forgotten. A layer without shapes or without a native module does not compile; here,
 * each must be readable by its type and have a case that {@code LayersTest} holds to PyTorch's
 * values.
 */
class LayerTypesTest {

  @Test
  void everyLayerIsReadByTheRegister() {
    // NestedReader reads nested models, since one layer of a spec becomes many. A file of another
    // tool is imported: no caller writes its layer.
    assertThat(goldenLayers().values().stream().map(Object::getClass).distinct())
        .containsExactlyInAnyOrderElementsOf(
            records(LayerSpec.class)
                .filter(type -> !NestedSpec.class.isAssignableFrom(type))
                .filter(type -> type != LayerSpec.Foreign.class)
                .toList());
  }

  /** A release that is gone back to reads what the next one imported. */
  @Test
  void layerOfAFileMayHaveMembersOfTheNextRelease() {
    Violations violations = new Violations();
    JsonObject layer =
        JsonObject.of(
            Specs.json("{'shape': [3], 'element': 'float64', 'later': 1}"), "", violations);
    assertThat(LayerSpec.Foreign.read(layer).element()).isEqualTo(ElementType.FLOAT64);
    layer.finish();
    assertThat(violations.isEmpty()).isTrue();
  }

  @Test
  void everyTypeHasAGoldenCase() {
    assertThat(goldenLayers().keySet()).containsExactlyInAnyOrderElementsOf(LayerTypes.names());
  }

  @Test
  void everyTypeIsSearchedForCrashes() {
    assertThat(LayerTemplates.types()).containsExactlyInAnyOrderElementsOf(LayerTypes.names());
  }

  @Test
  void everyLayerNamesTheTypeItWasReadBy() {
    assertThat(goldenLayers()).allSatisfy((type, spec) -> assertThat(spec.type()).isEqualTo(type));
  }

  /** The first layer of each type in the golden cases, by type. */
  private static Map<String, LayerSpec> goldenLayers() {
    Map<String, LayerSpec> layers = new TreeMap<>();
    Golden.layerCases()
        .flatMap(json -> json.at("/network/layers").valueStream())
        .forEach(
            json -> {
              JsonObject layer = JsonObject.of(json, "", new Violations());
              LayerSpec spec = LayerTypes.read(layer, DataFormat.CHANNELS_LAST);
              if (spec != null) {
                layers.putIfAbsent(json.get("type").stringValue(), spec);
              }
            });
    return layers;
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(LayerTypesTest::records)
        : Stream.of(type);
  }
}
