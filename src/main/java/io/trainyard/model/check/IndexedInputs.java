package io.trainyard.model.check;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.tensor.ElementType;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Refuses embeddings of computed values, and layers that compute on indices: an order of categories
 * means nothing, and most of libtorch's operations refuse integers. Embeddings may read indices,
 * also behind layers that only move them.
 */
final class IndexedInputs {
  private IndexedInputs() {}

  /**
   * Adds a violation for each layer that computes on indices.
   *
   * @param pointer the model's place in the body
   */
  static void check(NetworkSpec network, Encoding encoding, String pointer, Violations violations) {
    Map<String, String> inputOf = new HashMap<>();
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.type() == ElementType.INT64) {
                inputOf.put(name, name);
              }
            });
    for (Layer layer : network.layers()) {
      for (String read : layer.inputs()) {
        String input = inputOf.get(read);
        if (input == null || looksUp(layer, read)) {
          continue;
        }
        if (!layer.spec().movesElements()) {
          violations.add(
              Violation.pointer(pointer + "/network/layers", layer.index()),
              "Layer '%s' computes on numbers, but input '%s' holds indices: let an embedding read it, or leave its 'encode' out"
                  .formatted(layer.name(), input));
          break;
        }
        inputOf.put(layer.name(), input);
      }
    }
  }

  /**
   * Adds a violation for each embedding that reads what another layer computes: that has fractions,
   * which no table has a row for. An expression may round, so it may be read.
   */
  static void checkLookups(NetworkSpec network, String pointer, Violations violations) {
    Map<String, Layer> computed = new HashMap<>();
    for (Layer layer : network.layers()) {
      Layer source =
          layer.inputs().stream()
              .map(computed::get)
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
      if (source != null && layer.spec() instanceof EmbeddingSpec) {
        violations.add(
            Violation.pointer(pointer + "/network/layers", layer.index()),
            "Layer '%s' looks up whole numbers, but '%s' computes fractions: let the embedding read an input"
                .formatted(layer.name(), source.name()));
      }
      if (layer.spec().movesElements()) {
        if (source != null) {
          computed.put(layer.name(), source);
        }
      } else if (!(layer.spec() instanceof LambdaSpec)
          && layer.spec().activation().function() != Function.STEP) {
        computed.put(layer.name(), layer);
      }
    }
  }

  private static boolean looksUp(Layer layer, String value) {
    return switch (layer.spec()) {
      case EmbeddingSpec _ -> true;
      case LayerSpec.Foreign foreign -> foreign.indices().contains(value);
      default -> false;
    };
  }
}
