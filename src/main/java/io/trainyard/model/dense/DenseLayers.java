package io.trainyard.model.dense;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The dense layers of a version. Layers that keep the elements of a row at prediction are skipped:
 * dropout, flatten, reshape. An activation layer that alone reads a linear dense layer is that
 * layer's activation.
 */
final class DenseLayers {
  /** More weights are too many to look at in JSON. */
  static final long MAX_ELEMENTS = 4_000_000;

  private final NetworkSpec network;
  private final Map<String, Dense> dense = new LinkedHashMap<>();

  /** The activation layers that belong to a dense layer. */
  private final Set<String> activations = new HashSet<>();

  /**
   * A dense layer's weights.
   *
   * @param source the layer or input it reads
   * @param weight [out][in]
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Dense(
      String name, String source, ActivationSpec activation, double[][] weight, double[] bias) {
    /** The activation's name in a spec. */
    String function() {
      return activation.function().name().toLowerCase(Locale.ROOT);
    }
  }

  DenseLayers(NetworkSpec network, Map<String, HostTensor> weights) {
    this.network = network;
    long elements = weights.values().stream().mapToLong(w -> w.shape().elements()).sum();
    if (elements > MAX_ELEMENTS) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "The version has %d weights and at most %d are shown; the weights file has all"
              .formatted(elements, MAX_ELEMENTS));
    }
    for (Layer layer : network.layers()) {
      if (layer.spec() instanceof CoreSpec.Dense spec && !spec.activation().learned()) {
        dense.put(layer.name(), read(layer, spec, weights));
      }
    }
  }

  private Dense read(Layer layer, CoreSpec.Dense spec, Map<String, HostTensor> weights) {
    String owner = layer.weightsOwner().replace('/', '.');
    HostTensor weight = require(weights, owner + ".weight");
    int out = weight.shape().axis(0);
    int in = weight.shape().axis(1);
    double factor = spec.factor(in);
    double[][] rows = new double[out][in];
    for (int i = 0; i < out; i++) {
      for (int j = 0; j < in; j++) {
        rows[i][j] = factor * weight.doubleAt((long) i * in + j);
      }
    }
    double[] bias = new double[out];
    if (spec.bias()) {
      HostTensor stored = require(weights, owner + ".bias");
      for (int i = 0; i < out; i++) {
        bias[i] = stored.doubleAt(i);
      }
    }
    return new Dense(
        layer.name(),
        source(layer.inputs().getFirst(), in),
        spec.activation().isLinear() ? activation(layer) : spec.activation(),
        rows,
        bias);
  }

  /** The activation of a linear layer: that of the layer which alone reads it, if it is one. */
  private ActivationSpec activation(Layer layer) {
    List<Layer> readers = readers(layer.name());
    if (network.outputs().contains(layer.name())
        || readers.size() != 1
        || !(readers.getFirst().spec() instanceof CoreSpec.Activation(ActivationSpec function))
        || function.learned()) {
      return ActivationSpec.LINEAR;
    }
    activations.add(readers.getFirst().name());
    return function;
  }

  private static HostTensor require(Map<String, HostTensor> weights, String name) {
    HostTensor tensor = weights.get(name);
    if (tensor == null) {
      throw new ServiceException(ErrorCode.CORRUPT_FILE, "the weights lack '" + name + "'");
    }
    return tensor;
  }

  /** Skips layers that keep the elements of a row, and the activation layers of dense ones. */
  private String source(String name, int width) {
    String at = name;
    while (!network.inputNames().contains(at)
        && (isIdentity(network.layer(at)) || activations.contains(at))) {
      at = network.layer(at).inputs().getFirst();
    }
    // A reshape between layers of different widths is no chain of matrices.
    Dense before = dense.get(at);
    return before == null || before.weight().length == width ? at : name;
  }

  /** Whether a layer keeps the elements of a row, and their order, at prediction. */
  static boolean isIdentity(Layer layer) {
    return switch (layer.spec()) {
      case CoreSpec.Dropout _, CoreSpec.Flatten _, RearrangementSpec.Reshape _, NoiseSpec _ -> true;
      case AugmentationSpec augmentation -> augmentation.isIdentity();
      case CoreSpec.Activation(ActivationSpec function) -> function.isLinear();
      default -> false;
    };
  }

  List<Dense> all() {
    return List.copyOf(dense.values());
  }

  /** Layers that are not dense, nor skipped, nor the activation of a dense layer. */
  List<Layer> others() {
    Set<String> read = dense.values().stream().map(Dense::source).collect(Collectors.toSet());
    return network.layers().stream()
        .filter(
            layer ->
                !dense.containsKey(layer.name())
                    && !activations.contains(layer.name())
                    && (!isIdentity(layer) || read.contains(layer.name())))
        .toList();
  }

  /**
   * The stacks of two or more dense layers without a nonlinearity between them, from input to
   * output. A layer whose output is used elsewhere ends its stack.
   */
  List<List<Dense>> linearStacks() {
    List<List<Dense>> stacks = new ArrayList<>();
    for (Dense last : dense.values()) {
      if (continues(last)) {
        continue;
      }
      List<Dense> stack = new ArrayList<>(List.of(last));
      Dense before = dense.get(last.source());
      while (before != null && continues(before)) {
        stack.addFirst(before);
        before = dense.get(before.source());
      }
      if (stack.size() > 1) {
        stacks.add(List.copyOf(stack));
      }
    }
    return stacks;
  }

  /** Whether a layer is linear and only another dense layer reads it. */
  private boolean continues(Dense layer) {
    if (!layer.activation().isLinear() || network.outputs().contains(layer.name())) {
      return false;
    }
    List<Layer> readers = readers(layer.name());
    if (readers.size() != 1) {
      return false;
    }
    Dense next = dense.get(readers.getFirst().name());
    return next != null && next.source().equals(layer.name());
  }

  private List<Layer> readers(String name) {
    List<Layer> readers = new ArrayList<>();
    for (Layer layer : network.layers()) {
      if (layer.inputs().contains(name)) {
        boolean wanted = network.outputs().contains(layer.name());
        readers.addAll(isIdentity(layer) && !wanted ? readers(layer.name()) : List.of(layer));
      }
    }
    return readers;
  }
}
