package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.ComputeThread;
import io.trainyard.engine.natives.NativeFailure;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.InferenceWeights;
import io.trainyard.engine.weights.LoadedWeightsCheck;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.ref.Reference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A loaded network on the CPU. Many compute threads may use it at once. */
final class Network implements LoadedNetwork.Differentiable {
  private static final int MAX_PLANS = 64;

  private final Map<String, Shape> inputShapes = new HashMap<>();
  private final Map<String, ScalarType> inputTypes = new HashMap<>();
  private final InferenceWeights weights;
  private final Graph graph;
  private final Map<List<String>, ForwardPlan> plans = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /** Must be called on a compute thread. */
  Network(NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> stored) {
    for (String input : network.inputNames()) {
      inputShapes.put(input, shapes.of(input));
      inputTypes.put(input, network.readsIndices(input) ? ScalarType.Long : ScalarType.Float);
    }
    LoadedWeightsCheck.require(shapes.weights(), stored);
    weights = new InferenceWeights(stored);
    graph = new Graph(network, shapes, weights);
  }

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
    return forward(inputs, outputs, ForwardContext.PREDICTION, stopped);
  }

  @Override
  public Map<String, HostTensor> sample(
      Map<String, HostTensor> inputs, List<String> outputs, long seed, BooleanSupplier stopped) {
    try (RandomSource random = new RandomSource(seed)) {
      return forward(inputs, outputs, ForwardContext.sampling(random), stopped);
    }
  }

  private Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs,
      List<String> outputs,
      ForwardContext context,
      BooleanSupplier stopped) {
    checkUsable();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try (Graph.Values values = graph.predict(tensors(inputs), plan(outputs), context, stopped)) {
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
    }
  }

  private void checkUsable() {
    ComputeThread.current();
    if (closed) {
      throw new IllegalStateException("the network is closed");
    }
  }

  @Override
  public Map<String, HostTensor> gradients(
      Map<String, HostTensor> inputs, String output, HostTensor weights, BooleanSupplier stopped) {
    checkUsable();
    StopHook stop = new StopHook(stopped);
    try (PointerScope scope = new PointerScope()) {
      @Nullable Tensor[] given = tensors(inputs);
      for (Tensor tensor : given) {
        if (tensor != null && tensor.is_floating_point()) {
          tensor.set_requires_grad(true);
        }
      }
      Graph.Values values =
          graph.run(given, plan(List.of(output)), ForwardContext.PREDICTION, stop);
      Tensor value = graph.value(values, output);
      if (value.requires_grad()) {
        value.backward(
            TensorConversion.view(weights),
            new BoolOptional(),
            false,
            new TensorArrayRefOptional());
      }
      return gradients(given);
    } catch (RuntimeException e) {
      if (stop.hit()) {
        throw new CancellationException("no caller waits for this any more");
      }
      throw NativeFailure.translate(e);
    } finally {
      Reference.reachabilityFence(inputs);
      Reference.reachabilityFence(weights);
      stop.close();
    }
  }

  private Map<String, HostTensor> gradients(@Nullable Tensor[] inputs) {
    Map<String, HostTensor> gradients = new LinkedHashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = inputs[i];
      if (input != null && input.is_floating_point()) {
        Tensor gradient = input.grad();
        gradients.put(
            graph.inputNames().get(i),
            TensorConversion.toHost(gradient.defined() ? gradient : torch.zeros_like(input)));
      }
    }
    return gradients;
  }

  private ForwardPlan plan(List<String> outputs) {
    ForwardPlan plan = plans.get(outputs);
    if (plan == null) {
      plan = graph.plan(outputs);
      // Callers choose the names, so the number of plans is bounded.
      if (plans.size() < MAX_PLANS) {
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
    Shape expected = Objects.requireNonNull(inputShapes.get(name));
    Shape shape = given.shape();
    if (shape.rank() == 0 || !shape.row().equals(expected)) {
      throw new IllegalArgumentException(
          "the input '" + name + "' must be [rows, " + expected + "], was " + shape);
    }
    Tensor tensor = TensorConversion.view(given);
    ScalarType type = Objects.requireNonNull(inputTypes.get(name));
    return TensorConversion.scalarType(given.type()) == type ? tensor : tensor.to(type);
  }

  @Override
  public long bytes() {
    return weights.bytes();
  }

  /** Frees the weights; no forward may run. */
  @Override
  public void close() {
    closed = true;
    weights.close();
  }
}
