package io.trainyard.spec.keras;

import io.trainyard.error.Violations;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The layers of a Keras Dot, which sums the products along an axis of each of two inputs: for
 * vectors a lambda, for matrices a {@code matmul}, before which axes are swapped.
 *
 * @param ranks of the inputs, without the batch
 * @param axes that are summed over, from 0 behind the batch
 * @param normalize whether each input is divided by its norm along its axis first
 */
record KerasDot(List<Integer> ranks, List<Integer> axes, boolean normalize) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  KerasDot {
    ranks = List.copyOf(ranks);
    axes = List.copyOf(axes);
  }

  /**
   * Reads a layer; null, with a violation, when it has no counterpart.
   *
   * @param shapes of its inputs; empty when they are not known
   * @param pointer the place of its {@code config}
   */
  static @Nullable KerasDot of(
      JsonNode layer, List<Shape> shapes, String pointer, Violations unsupported) {
    KerasConfig config = new KerasConfig(layer.path("config"), 0, pointer, unsupported);
    config.requireFloat32();
    JsonNode given = config.get("axes");
    boolean normalize = config.bool("normalize", false);
    config.finish();
    if (shapes.size() != 2) {
      config.refuse("axes", "Two inputs of known shapes have a counterpart");
      return null;
    }
    List<Integer> ranks = new ArrayList<>();
    List<Integer> axes = new ArrayList<>();
    for (int side = 0; side < 2; side++) {
      int rank = shapes.get(side).rank();
      JsonNode axis = given.isArray() ? given.path(side) : given;
      int counted = axis.asInt(0);
      int own = counted < 0 ? counted + rank : counted - 1;
      if (rank > 2 || own < 0 || own >= rank) {
        config.refuse(
            "axes",
            "Inputs of one or two axes behind the batch, summed over one of these, have a"
                + " counterpart; got axes "
                + given
                + " for "
                + shapes.getFirst()
                + " and "
                + shapes.getLast());
        return null;
      }
      ranks.add(rank);
      axes.add(own);
    }
    return new KerasDot(ranks, axes, normalize);
  }

  private boolean isMatmul() {
    return ranks.get(0) == 2 && ranks.get(1) == 2;
  }

  /** The layers through which an input passes first. */
  List<ObjectNode> before(int side) {
    List<ObjectNode> layers = new ArrayList<>();
    // A matrix is summed along its last axis, but the second one of a matmul along its first.
    int last = isMatmul() && side == 1 ? 0 : ranks.get(side) - 1;
    if (normalize) {
      // Keras divides by the square root of the sum of squares, of at least 1e-12.
      String unit = "x / sqrt(max(sum(x ^ 2, %d, keepdims), 1e-12))".formatted(axes.get(side));
      layers.add(JSON.objectNode().put("type", "lambda").put("expression", unit));
    }
    if (axes.get(side) != last) {
      ObjectNode permute = JSON.objectNode().put("type", "permute");
      permute.putArray("axes").add(1).add(0);
      layers.add(permute);
    }
    return layers;
  }

  /** The product of what {@link #before} gives; the names may be the same one twice. */
  ObjectNode product(List<String> names) {
    if (isMatmul()) {
      return JSON.objectNode().put("type", "matmul");
    }
    boolean vectors = ranks.get(0) == 1 && ranks.get(1) == 1;
    return JSON.objectNode()
        .put("type", "lambda")
        .put(
            "expression",
            "sum(%s * %s%s)".formatted(names.getFirst(), names.getLast(), vectors ? "" : ", -1"));
  }
}
