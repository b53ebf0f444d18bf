package io.trainyard.spec.check;

import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds dense layers that follow each other with nothing non-linear between: one would do. */
final class LinearStacks {
  /** What the layers between two dense layers do, from nothing to more. */
  private enum Between {
    /** They pass each row of units on as it is. */
    NOTHING,
    /** They put the rows of units one after the other. */
    JOINS_ROWS,
    /** They are linear at prediction, but not in training. */
    LINEAR_AT_PREDICTION,
    /** They are something else. */
    OTHER
  }

  /** A dense layer from which one way leads on, and what stands on that way. */
  private record Start(Layer layer, CoreSpec.Dense dense, Between between) {}

  private final TrainingCheck check;
  private final NetworkSpec network;

  /** The layers whose weights others use. */
  private final Set<String> owners = new HashSet<>();

  /** How often each value is read; an output of the network counts as read once more. */
  private final Map<String, Integer> readers = new HashMap<>();

  private LinearStacks(TrainingCheck check) {
    this.check = check;
    this.network = check.model().network();
    network.outputs().forEach(output -> readers.merge(output, 1, Integer::sum));
    for (Layer layer : network.layers()) {
      layer.inputs().forEach(input -> readers.merge(input, 1, Integer::sum));
      if (layer.share() != null) {
        owners.add(layer.share());
      }
    }
  }

  static List<Warning> of(TrainingCheck check) {
    return new LinearStacks(check).warnings();
  }

  private List<Warning> warnings() {
    List<Warning> warnings = new ArrayList<>();
    Map<String, Start> starts = new TreeMap<>();
    for (Layer layer : network.layers()) {
      Start before = layer.inputs().size() == 1 ? starts.get(layer.inputs().getFirst()) : null;
      Start start = null;
      if (layer.spec() instanceof CoreSpec.Dense dense) {
        if (before != null && !isShared(layer)) {
          warnings.add(warning(before, layer, dense));
        }
        start = isShared(layer) ? null : new Start(layer, dense, Between.NOTHING);
      } else if (before != null) {
        Between between = between(layer);
        start = between.compareTo(before.between()) > 0 ? with(before, between) : before;
      }
      if (start != null
          && start.between() != Between.OTHER
          && layer.spec().activation().isLinear()
          && isReadOnce(layer)) {
        starts.put(layer.name(), start);
      }
    }
    return warnings;
  }

  private static Start with(Start start, Between between) {
    return new Start(start.layer(), start.dense(), between);
  }

  /** Two layers with the same weights cannot be joined with others. */
  private boolean isShared(Layer layer) {
    return layer.share() != null || owners.contains(layer.name());
  }

  private boolean isReadOnce(Layer layer) {
    return Integer.valueOf(1).equals(readers.get(layer.name()));
  }

  private Between between(Layer layer) {
    return switch (layer.spec()) {
      case CoreSpec.Activation _ -> Between.NOTHING;
      case CoreSpec.Flatten _, RearrangementSpec.Reshape _ ->
          rearranged(check.shapes().layers().get(layer.name()));
      default -> layer.spec().isAffine() ? Between.LINEAR_AT_PREDICTION : Between.OTHER;
    };
  }

  private static Between rearranged(@Nullable LayerShape shape) {
    if (shape == null) {
      return Between.OTHER;
    }
    Shape from = shape.inputs().getFirst();
    Shape to = shape.output();
    if (from.rank() > 0 && to.rank() > 0 && from.last() == to.last()) {
      return Between.NOTHING;
    }
    return to.rank() == 1 ? Between.JOINS_ROWS : Between.OTHER;
  }

  private Warning warning(Start first, Layer layer, CoreSpec.Dense second) {
    String prediction = first.between() == Between.LINEAR_AT_PREDICTION ? "at prediction " : "";
    String formula =
        first.between() == Between.NOTHING ? " (" + formula(first.dense(), second) + ")" : "";
    return new Warning(
        check.pointer(layer),
        "linear_stack",
        "'%1$s' and '%2$s' are linear, with nothing non-linear between them: %3$sone dense layer in place of both computes the same%4$s. Give '%1$s' an activation such as relu, or remove it"
            .formatted(first.layer().name(), layer.name(), prediction, formula));
  }

  /** W2·(W1·x + b1) + b2 as W·x + b, with the biases that there are. */
  private static String formula(CoreSpec.Dense first, CoreSpec.Dense second) {
    String weight = "W = W2·W1";
    if (first.bias()) {
      return weight + (second.bias() ? ", b = W2·b1 + b2" : ", b = W2·b1");
    }
    return second.bias() ? weight + ", b = b2" : weight;
  }
}
