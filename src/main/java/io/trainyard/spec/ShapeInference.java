package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerInputs;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Infers shapes, weights and counts of a network in pure Java, without native code. */
public final class ShapeInference {
  /** The largest output of a layer for one row, in elements. */
  private static final long MAX_ELEMENTS = 1L << 31;

  /** The most weights or multiply-adds of a layer. Sums over the largest network fit a long. */
  private static final long MAX_COUNT = 1L << 50;

  private final SwappedChannels.Search layouts;
  private final Map<String, Shape> known;
  private final Map<String, LayerShape> layers = new LinkedHashMap<>();

  /** By layer, the weights it would have if it did not share those of another. */
  private final Map<String, List<WeightSpec>> needed = new HashMap<>();

  /** The embeddings whose tables have no size yet. */
  private final Set<String> open;

  private ShapeInference(NetworkSpec network, Map<String, Shape> inputs) {
    open = network.openEmbeddings().stream().map(Layer::name).collect(Collectors.toSet());
    layouts = new SwappedChannels.Search(inputs, true);
    known = new HashMap<>(inputs);
  }

  /**
   * Infers the shape of every layer. A layer that does not fit adds a violation. It and the layers
   * that depend on it are missing from the result.
   *
   * @param inputs the row shape of every network input; layers that depend on a missing input are
   *     left out
   * @param pointer the network's place in the body, for the violations
   */
  public static NetworkShapes infer(
      NetworkSpec network, Map<String, Shape> inputs, String pointer, Violations violations) {
    ShapeInference inference = new ShapeInference(network, inputs);
    for (Layer layer : network.layers()) {
      inference.place(layer, network, layer.pointer(pointer), violations);
    }
    for (Layer layer : network.layers()) {
      inference.checkShare(layer, layer.pointer(pointer), violations);
    }
    Set<String> indices =
        inputs.keySet().stream().filter(network::readsIndices).collect(Collectors.toSet());
    return new NetworkShapes(inputs, indices, inference.layers);
  }

  private void place(Layer layer, NetworkSpec network, String pointer, Violations violations) {
    if (!known.keySet().containsAll(layer.inputs())) {
      return;
    }
    List<Shape> shapes =
        layer.inputs().stream().map(input -> Objects.requireNonNull(known.get(input))).toList();
    Optional<SwappedChannels> mistake = layouts.next(layer);
    try {
      LayerShape shape = checkSize(layer, infer(layer, shapes));
      needed.put(layer.name(), shape.weights());
      layers.put(layer.name(), layer.share() == null ? shape : shape.withoutWeights());
      known.put(layer.name(), shape.output());
    } catch (LayerInputs.MemberFault e) {
      violations.add(Violation.pointer(pointer, e.member()), String.valueOf(e.getMessage()));
    } catch (LayerInputs.MissingAxes e) {
      violations.add(pointer, e.getMessage() + wayToMoreAxes(layer, network, e.layout()));
    } catch (IllegalArgumentException e) {
      violations.add(
          pointer, e.getMessage() + mistake.map(found -> "; " + found.advice()).orElse(""));
    } catch (ArithmeticException e) {
      violations.add(pointer, "Layer '" + layer.name() + "' is too large: its counts overflow");
    }
  }

  /** Advice for a layer whose input has too few axes; "" when there is none. */
  private static String wayToMoreAxes(Layer layer, NetworkSpec network, String layout) {
    String input = layer.inputs().getFirst();
    if (network.inputNames().contains(input)) {
      String window = layout.startsWith("[steps") ? "a 'window', or " : "";
      return "; give input '%s' %sa 'shape' of %s".formatted(input, window, layout);
    }
    return switch (network.layer(input).spec()) {
      case RecurrentSpec recurrent when !recurrent.returnSequences() ->
          "; set \"return_sequences\" of '" + input + "' to true";
      case CoreSpec.Flatten _ -> "; leave '" + input + "' out";
      default -> "";
    };
  }

  private static LayerShape infer(Layer layer, List<Shape> inputs) {
    LayerInputs given = new LayerInputs(layer, inputs);
    LayerShape shape = layer.spec().infer(given);
    if (layer.spec().activation().learned()) {
      shape = shape.with(given.activationShare(shape.output()));
    }
    // The value before the activation exists beside the one after it.
    boolean linear = layer.spec().activation().isLinear();
    return linear ? shape : shape.passing(shape.output().elements());
  }

  private static LayerShape checkSize(Layer layer, LayerShape shape) {
    if (shape.output().elements() > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          "Layer '%s' gives %s, %d elements per row; at most %d are possible"
              .formatted(layer.name(), shape.output(), shape.output().elements(), MAX_ELEMENTS));
    }
    if (shape.parameters() > MAX_COUNT || shape.multiplyAdds() > MAX_COUNT) {
      throw new IllegalArgumentException(
          "Layer '%s' takes %d parameters and %d multiply-adds per row; at most %d are possible"
              .formatted(layer.name(), shape.parameters(), shape.multiplyAdds(), MAX_COUNT));
    }
    return shape;
  }

  /** A layer that shares weights must need weights of the same shapes. */
  private void checkShare(Layer layer, String pointer, Violations violations) {
    List<WeightSpec> own = needed.get(layer.name());
    List<WeightSpec> shared = needed.get(layer.weightsOwner());
    if (layer.share() == null
        || own == null
        || shared == null
        || open.contains(layer.name())
        || open.contains(layer.weightsOwner())) {
      return;
    }
    List<String> wants = own.stream().map(weight -> slot(weight, layer.name())).toList();
    List<String> has = shared.stream().map(weight -> slot(weight, layer.weightsOwner())).toList();
    if (!wants.equals(has)) {
      violations.add(
          Violation.pointer(pointer, "share"),
          "Layer '%s' cannot share the weights of '%s': it needs %s but '%s' has %s"
              .formatted(layer.name(), layer.share(), list(wants), layer.share(), list(has)));
    }
  }

  private static String slot(WeightSpec weight, String layer) {
    return weight.name().substring(layer.length() + 1) + " " + weight.shape();
  }

  private static String list(List<String> slots) {
    return slots.isEmpty() ? "none" : String.join(", ", slots);
  }
}
