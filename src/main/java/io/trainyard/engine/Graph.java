package io.trainyard.engine;

import io.trainyard.engine.layer.Activations;
import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.layer.LayerModule;
import io.trainyard.engine.layer.LayerModules;
import io.trainyard.engine.weights.NetworkWeights;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.Layer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network's layers in the order of computation, connected by position. */
final class Graph {
  /** Random purposes below this one belong to no layer. */
  private static final long FIRST_PURPOSE = 16;

  private static final long PURPOSES_PER_LAYER = 64;
  private static final String PRE = ":pre";

  private static final class Node {
    final Layer layer;
    final int[] inputs;
    final LayerModule module;
    final ActivationSpec activation;

    Node(Layer layer, int[] inputs, LayerModule module) {
      this.layer = layer;
      this.inputs = inputs;
      this.module = module;
      this.activation = layer.spec().activation();
    }
  }

  private final List<String> inputNames;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();

  Graph(NetworkSpec network, NetworkShapes shapes, NetworkWeights weights) {
    inputNames = network.inputNames();
    for (String input : inputNames) {
      positions.put(input, positions.size());
    }
    for (Layer layer : network.layers()) {
      long purpose = FIRST_PURPOSE + PURPOSES_PER_LAYER * nodes.size();
      int[] inputs = layer.inputs().stream().mapToInt(this::position).toArray();
      LayerModule module =
          LayerModules.of(
              layer,
              Objects.requireNonNull(shapes.layers().get(layer.name())),
              weights.of(layer.weightsOwner()),
              purpose);
      nodes.add(new Node(layer, inputs, module));
      positions.put(layer.name(), positions.size());
    }
  }

  List<String> inputNames() {
    return inputNames;
  }

  /** The nodes that must be computed for these values; a name may end in {@code :pre}. */
  boolean[] needed(Collection<String> names) {
    boolean[] needed = new boolean[nodes.size()];
    for (String name : names) {
      mark(position(base(name)), needed);
    }
    return needed;
  }

  private void mark(int position, boolean[] needed) {
    int node = position - inputNames.size();
    if (node < 0 || needed[node]) {
      return;
    }
    needed[node] = true;
    for (int input : nodes.get(node).inputs) {
      mark(input, needed);
    }
  }

  /**
   * Computes the needed nodes.
   *
   * @param inputs in the order of the input names; null where it is not needed
   */
  Values run(@Nullable Tensor[] inputs, boolean[] needed, ForwardContext context) {
    Values values = new Values(positions.size());
    System.arraycopy(inputs, 0, values.after, 0, inputs.length);
    for (int i = 0; i < needed.length; i++) {
      if (needed[i]) {
        compute(nodes.get(i), inputNames.size() + i, values, context);
      }
    }
    return values;
  }

  private static void compute(Node node, int position, Values values, ForwardContext context) {
    Tensor[] inputs = new Tensor[node.inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = values.at(node.inputs[i]);
    }
    // A frozen layer runs as at prediction: no dropout, batch statistics unchanged.
    ForwardContext ofNode = node.layer.trainable() ? context : ForwardContext.PREDICTION;
    Tensor before = node.module.forward(inputs, ofNode);
    values.before[position] = before;
    values.after[position] = Activations.apply(node.activation, before);
  }

  /** A value by name; with {@code :pre} the one before the layer's activation. */
  Tensor value(Values values, String name) {
    int position = position(base(name));
    return name.endsWith(PRE) ? values.beforeAt(position) : values.at(position);
  }

  /** The first layer with a value that is not finite, or "". */
  String firstNonFinite(Values values) {
    for (int i = 0; i < nodes.size(); i++) {
      Tensor value = values.after[inputNames.size() + i];
      if (value != null && !value.isfinite().all().item_bool()) {
        return nodes.get(i).layer.name();
      }
    }
    return "";
  }

  private int position(String name) {
    Integer position = positions.get(name);
    if (position == null) {
      throw new IllegalArgumentException("there is no layer or input '" + name + "'");
    }
    return position;
  }

  private static String base(String name) {
    return name.endsWith(PRE) ? name.substring(0, name.length() - PRE.length()) : name;
  }

  /** The values of one forward pass, by position. */
  static final class Values {
    private final @Nullable Tensor[] before;
    private final @Nullable Tensor[] after;

    private Values(int count) {
      before = new Tensor[count];
      after = new Tensor[count];
    }

    private Tensor at(int position) {
      return Objects.requireNonNull(after[position]);
    }

    private Tensor beforeAt(int position) {
      Tensor tensor = before[position];
      return tensor == null ? at(position) : tensor;
    }
  }
}
