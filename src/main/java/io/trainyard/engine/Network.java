package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.ComputeThread;
import io.trainyard.engine.natives.NativeFailure;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.InferenceWeights;
import io.trainyard.engine.weights.WeightCheck;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Signature;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A network on the CPU that answers. Many compute threads may use it at once. */
final class Network implements LoadedNetwork {
  private static final int PLANS = 64;

  private final Signature signature;
  private final InferenceWeights weights;
  private final Graph graph;
  private final Map<List<String>, boolean[]> plans = new ConcurrentHashMap<>();

  /** Passes under way, plus one until closed: whoever brings it to 0 frees. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final AtomicInteger closed = new AtomicInteger();

  /** Made on a compute thread. */
  Network(NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> stored) {
    signature = signature(network, shapes);
    WeightCheck.require(shapes.weights(), stored);
    weights = new InferenceWeights(stored);
    graph = new Graph(network, shapes, weights);
  }

  private static Signature signature(NetworkSpec network, NetworkShapes shapes) {
    Map<String, Signature.Tensor> inputs = new LinkedHashMap<>();
    for (String name : network.inputNames()) {
      inputs.put(name, new Signature.Tensor(inputType(network, name), shapes.of(name)));
    }
    Map<String, Signature.Tensor> outputs = new LinkedHashMap<>();
    for (String name : network.outputs()) {
      outputs.put(name, new Signature.Tensor(ElementType.FLOAT32, shapes.of(name)));
    }
    return new Signature(inputs, outputs);
  }

  /** Indices for an embedding are integers, everything else is a number. */
  private static ElementType inputType(NetworkSpec network, String input) {
    List<Layer> readers =
        network.layers().stream().filter(layer -> layer.inputs().contains(input)).toList();
    boolean indices =
        !readers.isEmpty()
            && readers.stream().allMatch(layer -> layer.spec().type().equals("embedding"));
    return indices ? ElementType.INT64 : ElementType.FLOAT32;
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs) {
    ComputeThread.current();
    enter();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        boolean[] needed = plan(outputs);
        Graph.Values values = graph.run(tensors(inputs), needed, ForwardContext.PREDICTION);
        Map<String, HostTensor> results = LinkedHashMap.newLinkedHashMap(outputs.size());
        for (String output : outputs) {
          results.put(output, TensorConversion.toHost(graph.value(values, output)));
        }
        return results;
      } finally {
        mode.deallocate();
      }
    } catch (RuntimeException e) {
      throw NativeFailure.translate(e);
    } finally {
      Reference.reachabilityFence(inputs);
      leave();
    }
  }

  private boolean[] plan(List<String> outputs) {
    boolean[] plan = plans.get(outputs);
    if (plan == null) {
      plan = graph.needed(outputs);
      // Callers choose the names, so the number of plans kept has a bound.
      if (plans.size() < PLANS) {
        plans.put(List.copyOf(outputs), plan);
      }
    }
    return plan;
  }

  private @Nullable Tensor[] tensors(Map<String, HostTensor> inputs) {
    List<String> names = graph.inputNames();
    @Nullable Tensor[] tensors = new Tensor[names.size()];
    for (int i = 0; i < tensors.length; i++) {
      HostTensor input = inputs.get(names.get(i));
      if (input == null) {
        throw new IllegalArgumentException("the input '" + names.get(i) + "' is missing");
      }
      tensors[i] = input(names.get(i), input);
    }
    return tensors;
  }

  private Tensor input(String name, HostTensor given) {
    Signature.Tensor expected = signature.inputs().get(name);
    Shape shape = given.shape();
    if (expected == null || shape.rank() == 0 || !shape.row().equals(expected.shape())) {
      throw new IllegalArgumentException(
          "the input '"
              + name
              + "' must be [rows, "
              + (expected == null ? "" : expected.shape())
              + "], was "
              + shape);
    }
    Tensor tensor = TensorConversion.view(given);
    ScalarType type = TensorConversion.scalarType(expected.type());
    return given.type() == expected.type() ? tensor : tensor.to(type);
  }

  @Override
  public long bytes() {
    return weights.bytes();
  }

  private void enter() {
    while (true) {
      int now = users.get();
      if (now == 0) {
        throw new IllegalStateException("the network is closed");
      }
      if (users.compareAndSet(now, now + 1)) {
        return;
      }
    }
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      weights.close();
    }
  }

  /** Frees the weights once the passes under way are done. */
  @Override
  public void close() {
    if (closed.getAndSet(1) == 0) {
      leave();
    }
  }
}
