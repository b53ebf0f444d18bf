package io.trainyard.engine.weights;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Weights in training. All trainable weights are views of one flat tensor, their gradients of
 * another with the same layout. So an optimizer's step, clipping and a copy of the best weights
 * take a few operations for any number of layers. Gaps in the layout stay 0: their gradients are 0.
 */
public final class TrainedWeights extends NetworkTensors {
  /** Elements; each weight starts on a cache line. */
  private static final long ALIGNMENT = 16;

  private final Set<String> trainable = new HashSet<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final List<Slot> slots = new ArrayList<>();
  private final List<String> statistics;
  private final ScalarType type;
  private final Device device;
  private final Tensor flat;
  private final Tensor gradient;

  public TrainedWeights(
      NetworkSpec network,
      NetworkShapes shapes,
      Map<String, HostTensor> stored,
      Device device,
      ElementType numbers) {
    LoadedWeightsCheck.require(shapes.weights(), stored);
    super();
    type = TensorConversion.scalarType(numbers);
    this.device = device;
    statistics =
        shapes.weights().stream()
            .filter(weight -> !weight.trained())
            .map(WeightSpec::name)
            .toList();
    Set<String> owners = new HashSet<>();
    for (Layer layer : network.layers()) {
      if (layer.trainable()) {
        owners.add(layer.weightsOwner());
      }
    }
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      for (Map.Entry<String, LayerShape> layer : shapes.layers().entrySet()) {
        for (WeightSpec weight : layer.getValue().weights()) {
          if (weight.trained() && owners.contains(layer.getKey())) {
            trainable.add(weight.name());
          }
        }
      }
      flat = keep(zeros(length(shapes.weights()), device));
      gradient = keep(zeros(length(shapes.weights()), device));
      long offset = 0;
      for (Map.Entry<String, LayerShape> layer : shapes.layers().entrySet()) {
        for (WeightSpec weight : layer.getValue().weights()) {
          HostTensor initial = Objects.requireNonNull(stored.get(weight.name()));
          if (trainable.contains(weight.name())) {
            addTrainable(layer.getKey(), weight, initial, offset);
            offset += aligned(weight);
          } else {
            Tensor copy = TensorConversion.copy(initial, device);
            add(weight.name(), TensorConversion.as(type, copy));
          }
        }
      }
      guard.deallocate();
    }
  }

  private long length(List<WeightSpec> weights) {
    return weights.stream()
        .filter(weight -> trainable.contains(weight.name()))
        .mapToLong(TrainedWeights::aligned)
        .sum();
  }

  private static long aligned(WeightSpec weight) {
    return (weight.shape().elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private Tensor zeros(long length, Device device) {
    long[] shape = {length};
    return TensorConversion.on(device, torch.zeros(shape, TensorConversion.options(type)));
  }

  @Override
  public ScalarType type() {
    return type;
  }

  private void addTrainable(String owner, WeightSpec weight, HostTensor initial, long offset) {
    long elements = weight.shape().elements();
    long[] shape = weight.shape().toLongs();
    Tensor part = flat.narrow(0, offset, elements).view(shape);
    part.copy_(TensorConversion.view(initial));
    Tensor leaf = part.detach();
    leaf.set_requires_grad(true);
    leaf.mutable_grad().put(gradient.narrow(0, offset, elements).view(shape));
    offsets.put(weight.name(), offset);
    slots.add(new Slot(owner, weight.name(), offset, aligned(weight)));
    add(weight.name(), leaf);
  }

  /** Whether the optimizer changes the weight. */
  public boolean isTrainable(String name) {
    return trainable.contains(name);
  }

  /**
   * The place of a weight among all trainable ones.
   *
   * @param length with the gap behind it
   */
  public record Slot(String layer, String name, long offset, long length) {}

  /** The places of the trainable weights, one after the other. */
  public List<Slot> slots() {
    return List.copyOf(slots);
  }

  /** How many numbers the trainable weights are, without gaps. */
  public long count() {
    return slots.stream().mapToLong(this::count).sum();
  }

  private long count(Slot slot) {
    return tensor(slot.name()).numel();
  }

  /** Where these numbers are in {@link #flat}, in the order of {@link #slots}: int64. */
  public Tensor positions() {
    long[] positions =
        slots.stream()
            .flatMapToLong(slot -> LongStream.range(slot.offset(), slot.offset() + count(slot)))
            .toArray();
    return TensorConversion.copy(HostTensor.ofLongs(Shape.of(positions.length), positions), device);
  }

  /** All trainable weights, one after the other. */
  public Tensor flat() {
    return flat;
  }

  /** Their gradients, in the same layout. */
  public Tensor gradient() {
    return gradient;
  }

  /** A copy of every tensor by stored name. */
  public Map<String, HostTensor> toHost() {
    Map<String, HostTensor> copy = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      tensors().forEach((name, tensor) -> copy.put(name, TensorConversion.toHost(tensor.detach())));
    }
    return copy;
  }

  /** An empty snapshot for {@link #copyTo}. */
  public Snapshot snapshot() {
    return NativeHandles.whileMaking(this::emptySnapshot);
  }

  private Snapshot emptySnapshot() {
    try (PointerScope scope = new PointerScope()) {
      NativeHandles handles = new NativeHandles();
      Map<String, Tensor> copies = new HashMap<>();
      for (String name : statistics) {
        copies.put(name, handles.keep(torch.zeros_like(tensor(name))));
      }
      return new Snapshot(handles, handles.keep(torch.zeros_like(flat)), copies);
    }
  }

  /** Copies everything that training changes into a snapshot, and gives it back. */
  public Snapshot copyTo(Snapshot snapshot) {
    try (PointerScope scope = new PointerScope()) {
      snapshot.flat.copy_(flat);
      snapshot.statistics.forEach((name, copy) -> copy.copy_(tensor(name)));
    }
    return snapshot;
  }

  /** A copy of every tensor by stored name, from the snapshot where training changes it. */
  public Map<String, HostTensor> toHost(Snapshot snapshot) {
    Map<String, HostTensor> copy = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      tensors()
          .forEach(
              (name, tensor) ->
                  copy.put(name, TensorConversion.toHost(snapshot.tensor(this, name))));
    }
    return copy;
  }

  /** Sets a snapshot to stored weights. */
  public void restore(Snapshot snapshot, Map<String, HostTensor> stored) {
    try (PointerScope scope = new PointerScope()) {
      for (String name : tensors().keySet()) {
        if (offsets.containsKey(name) || snapshot.statistics.containsKey(name)) {
          snapshot
              .tensor(this, name)
              .copy_(TensorConversion.view(Objects.requireNonNull(stored.get(name))));
        }
      }
    }
  }

  /** A copy, on the device, of everything that training changes. */
  public record Snapshot(NativeHandles handles, Tensor flat, Map<String, Tensor> statistics)
      implements AutoCloseable {
    private Tensor tensor(TrainedWeights weights, String name) {
      Tensor current = weights.tensor(name).detach();
      Long offset = weights.offsets.get(name);
      if (offset != null) {
        return flat.narrow(0, offset, current.numel()).view_as(current);
      }
      return statistics.getOrDefault(name, current);
    }

    @Override
    public void close() {
      handles.close();
    }
  }

  /** Sets every tensor to stored weights. */
  public void restore(Map<String, HostTensor> stored) {
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      tensors()
          .forEach(
              (name, tensor) ->
                  tensor
                      .detach()
                      .copy_(TensorConversion.view(Objects.requireNonNull(stored.get(name)))));
      guard.deallocate();
    }
  }
}
