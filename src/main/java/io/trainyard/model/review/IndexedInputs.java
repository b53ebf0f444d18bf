package io.trainyard.model.review;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.tensor.ElementType;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses layers that compute on indices: an order of categories means nothing, and most of
 * libtorch's operations refuse integers. Embeddings may read indices, also behind layers that only
 * move them.
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
        if (input == null || layer.spec() instanceof EmbeddingSpec) {
          continue;
        }
        if (!moves(layer.spec())) {
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

  /** Whether each element of the output is one of the inputs' elements, or a zero. */
  private static boolean moves(LayerSpec spec) {
    return switch (spec) {
      case RearrangementSpec _, NestedSpec _, CoreSpec.Flatten _, MergeSpec.Concat _ -> true;
      case LambdaSpec lambda -> isPart(lambda.expression());
      default -> false;
    };
  }

  private static boolean isPart(Expression expression) {
    return switch (expression) {
      case Expression.Variable _ -> true;
      case Expression.Index index -> isPart(index.of());
      default -> false;
    };
  }
}
