package io.trainyard.engine;

import io.trainyard.engine.layer.Activations;
import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.layer.LayerModule;
import io.trainyard.engine.layer.LayerModules;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A network's layers in the order of computation, connected by position. */
final class Graph {
  /** Random purposes below this one belong to no layer. */
  private static final long FIRST_PURPOSE = 16;

  private static final long PURPOSES_PER_LAYER = 64;

  private static final class Node {
    final Layer layer;
    final int[] inputs;
    final LayerModule module;
    final ActivationSpec activation;

    /** The weight of a learned activation, and how it broadcasts to a batch. */
    final @Nullable Tensor share;

    private final long[] broadcast;

    Node(Layer layer, int[] inputs, LayerModule module, @Nullable Tensor share, long[] broadcast) {
      this.share = share;
      this.broadcast = broadcast;
      this.layer = layer;
      this.inputs = inputs;
      this.module = module;
      this.activation = layer.spec().activation();
    }

    Tensor activated(Tensor x) {
      return share == null
          ? Activations.apply(activation, x)
          : Activations.apply(activation, share.view(broadcast), x);
    }
  }

  private final NetworkSpec network;
  private final List<String> inputNames;

  /** The type in which values are given when layers may compute in another; null: as they are. */
  private final @Nullable ScalarType mixed;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();

  Graph(NetworkSpec network, NetworkShapes shapes, NetworkWeights weights) {
    this(network, shapes, weights, false);
  }

  /**
   * @param mixed whether values may have another type than the weights
   */
  Graph(NetworkSpec network, NetworkShapes shapes, NetworkWeights weights, boolean mixed) {
    this.network = network;
    this.mixed = mixed ? weights.type() : null;
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
      Shape output = shapes.of(layer.name());
      boolean learned = layer.spec().activation().learned();
      Tensor share = learned ? weights.of(layer.weightsOwner()).tensor(ActivationSpec.SHARE) : null;
      long[] broadcast = new long[output.rank()];
      Arrays.fill(broadcast, 1);
      if (learned) {
        broadcast[layer.spec().unitAxis(output)] = -1;
      }
      nodes.add(new Node(layer, inputs, module, share, broadcast));
      positions.put(layer.name(), positions.size());
    }
  }

  List<String> inputNames() {
    return inputNames;
  }

  /** The plan for these values; a name may end in {@code :pre}. */
  ForwardPlan plan(Collection<String> names) {
    return ForwardPlan.of(network, names);
  }

  /**
   * Computes the needed nodes and keeps their values, also those before an activation, until the
   * scope around it ends. Of what else a layer computes inside, only what autograd needs stays, and
   * only as long.
   *
   * @param inputs in the order of the input names; null where it is not needed
   */
  Values run(@Nullable Tensor[] inputs, ForwardPlan plan, ForwardContext context) {
    return run(inputs, plan, context, null);
  }

  /**
   * As {@link #run(Tensor[], ForwardPlan, ForwardContext)}, and may be stopped between layers, also
   * in the backward pass from its values.
   *
   * @param stop null: nothing stops it
   */
  Values run(
      @Nullable Tensor[] inputs,
      ForwardPlan plan,
      ForwardContext context,
      @Nullable StopHook stop) {
    Values values = new Values(positions.size());
    System.arraycopy(inputs, 0, values.after, 0, inputs.length);
    PointerScope step = Objects.requireNonNull(PointerScope.getInnerScope(), "a scope is needed");
    for (int i = 0; i < nodes.size(); i++) {
      if (!plan.needs(i)) {
        continue;
      }
      if (stop != null) {
        stop.check();
      }
      try (PointerScope _ = new PointerScope()) {
        compute(i, plan, values, context);
        values.leave(inputNames.size() + i, step);
      }
      if (stop != null) {
        register(stop, values.at(inputNames.size() + i));
      }
    }
    return values;
  }

  /**
   * Computes what the plan needs in prediction mode, and frees each value after its last use. The
   * caller closes the values.
   *
   * @param inputs in the order of the input names; null where it is not needed
   * @param context of a prediction, or of a sampled one
   * @param stopped asked before each layer
   * @throws CancellationException when it was stopped
   */
  Values predict(
      @Nullable Tensor[] inputs,
      ForwardPlan plan,
      ForwardContext context,
      BooleanSupplier stopped) {
    Values values = new Values(positions.size());
    try {
      System.arraycopy(inputs, 0, values.after, 0, inputs.length);
      for (int i = 0; i < nodes.size(); i++) {
        if (plan.needs(i)) {
          if (stopped.getAsBoolean()) {
            throw new CancellationException("no caller waits for this any more");
          }
          try (PointerScope scope = new PointerScope()) {
            compute(i, plan, values, context);
            values.own(inputNames.size() + i, plan.wantsBeforeActivation(i));
          }
          for (int position : plan.lastReads(i)) {
            values.free(position);
          }
        }
      }
      return values;
    } catch (Throwable e) {
      values.close();
      throw e;
    }
  }

  private static void register(StopHook stop, Tensor value) {
    if (value.requires_grad()) {
      int _ = value.register_hook(stop);
    }
  }

  private void compute(int index, ForwardPlan plan, Values values, ForwardContext context) {
    Node node = nodes.get(index);
    int position = inputNames.size() + index;
    Tensor[] inputs = new Tensor[node.inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = values.at(node.inputs[i]);
    }
    // In a training, a frozen layer runs as at prediction: no dropout, batch statistics unchanged.
    boolean asAtPrediction = context.training() && !node.layer.trainable();
    ForwardContext ofNode = asAtPrediction ? ForwardContext.PREDICTION : context;
    Tensor before = node.module.forward(inputs, ofNode);
    int only = node.inputs.length == 1 ? node.inputs[0] - inputNames.size() : -1;
    if (only >= 0 && plan.activatesBehindPool(only)) {
      before = nodes.get(only).activated(before);
    }
    values.before[position] = node.layer.spec().isActivation() ? inputs[0] : before;
    values.after[position] = plan.activatesBehindPool(index) ? before : node.activated(before);
  }

  /** A value by name; with {@code :pre} the one before the layer's activation. */
  Tensor value(Values values, String name) {
    int position = position(ForwardPlan.layerOf(name));
    Tensor value =
        ForwardPlan.isBeforeActivation(name) ? values.beforeAt(position) : values.at(position);
    return mixed == null ? value : TensorConversion.as(mixed, value);
  }

  /** Values of some layers that another network computed. */
  Values given(Map<String, Tensor> byLayer) {
    Values values = new Values(positions.size());
    byLayer.forEach((layer, value) -> values.after[position(layer)] = value);
    return values;
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

  /** The values of one forward pass, by position; it owns those of {@link #predict}. */
  static final class Values implements AutoCloseable {
    private final @Nullable Tensor[] before;
    private final @Nullable Tensor[] after;
    private final boolean[] owned;

    private Values(int count) {
      before = new Tensor[count];
      after = new Tensor[count];
      owned = new boolean[count];
    }

    /** Keeps a value beyond the scope of its layer. */
    private void own(int position, boolean withBefore) {
      Tensor value = Objects.requireNonNull(before[position]);
      before[position] = withBefore ? owned(value) : null;
      after[position] = owned(Objects.requireNonNull(after[position]));
      owned[position] = true;
    }

    /** Leaves the values of a layer to the scope around that of the layer. */
    private void leave(int position, PointerScope scope) {
      Tensor first = whole(Objects.requireNonNull(before[position]));
      Tensor value = whole(Objects.requireNonNull(after[position]));
      scope.attach(first);
      scope.attach(value);
      before[position] = first;
      after[position] = value;
    }

    private static Tensor owned(Tensor value) {
      return whole(value).retainReference();
    }

    /** A tensor with another owner, as a tuple or an operation in place, gets one of its own. */
    private static Tensor whole(Tensor value) {
      return value.referenceCount() < 0 ? new Tensor(value) : value;
    }

    private void free(int position) {
      if (owned[position]) {
        owned[position] = false;
        Objects.requireNonNull(after[position]).releaseReference();
        Tensor kept = before[position];
        if (kept != null) {
          kept.releaseReference();
        }
      }
      before[position] = null;
      after[position] = null;
    }

    @Override
    public void close() {
      for (int position = 0; position < owned.length; position++) {
        free(position);
      }
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
