package io.trainyard.engine;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A subset of a dataset on the device, with the order of its rows. On the CPU the tensors are the
 * subset's own memory. Rows that would take more than half of a device's free memory stay there
 * too, and each batch is copied.
 */
public final class ResidentSubset implements AutoCloseable {
  private final NativeHandles handles = new NativeHandles();
  private final Subset subset;
  private final Device device;

  /** Where the rows lie. */
  private final Device home;

  private final ScalarType type;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<@Nullable Tensor> targets = new ArrayList<>();

  /** By objective; null where every row counts the same. */
  private final List<@Nullable Tensor> weights = new ArrayList<>();

  /** Their memory. */
  private final List<HostTensor> hostWeights = new ArrayList<>();

  private final @Nullable HostTensor hostOrder;
  private final @Nullable Tensor order;
  private boolean shuffled;

  /** Of the last size of a batch in a shuffled epoch. */
  private @Nullable BatchWindow window;

  /**
   * @param classWeights by target, the weight of each class
   */
  ResidentSubset(
      Subset subset,
      List<String> inputNames,
      List<Objective> objectives,
      Map<String, float[]> classWeights,
      Device device,
      ElementType numbers) {
    type = TensorConversion.scalarType(numbers);
    this.subset = subset;
    this.device = device;
    home = bytes(subset) > DeviceMemory.free(device) / 2 ? Device.CPU : device;
    if (subset.rows() == 0) {
      hostOrder = null;
      order = null;
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      for (String name : inputNames) {
        inputs.add(resident(Objects.requireNonNull(subset.inputs().get(name), name)));
      }
      for (Objective objective : objectives) {
        targets.add(target(objective));
        weights.add(weights(objective.target(), classWeights.get(objective.target())));
      }
      hostOrder = HostTensor.allocate(ElementType.INT64, Shape.of(subset.rows()));
      order = resident(hostOrder);
    }
  }

  private static long bytes(Subset subset) {
    return Stream.of(subset.inputs(), subset.targets())
        .flatMap(tensors -> tensors.values().stream())
        .mapToLong(HostTensor::bytes)
        .sum();
  }

  private @Nullable Tensor target(Objective objective) {
    HostTensor given = subset.targets().get(objective.target());
    if (given != null) {
      return resident(given);
    }
    return switch (objective.source()) {
      case TargetSpec.Source.Input(String input) ->
          resident(Objects.requireNonNull(subset.inputs().get(input), input));
      case TargetSpec.Source.LayerOutput layer -> null;
      case TargetSpec.Source.Columns columns ->
          throw new IllegalArgumentException("the data has no target '" + objective.target() + "'");
    };
  }

  /** Each row's sample weight, times the weight of its class. */
  private @Nullable Tensor weights(String target, float @Nullable [] ofClasses) {
    HostTensor samples = subset.weights();
    if (ofClasses == null) {
      return samples == null ? null : resident(samples);
    }
    HostTensor labels = Objects.requireNonNull(subset.targets().get(target), target);
    HostTensor product = HostTensor.allocate(ElementType.FLOAT32, Shape.of(subset.rows()));
    for (int row = 0; row < subset.rows(); row++) {
      float sample = samples == null ? 1 : samples.floatAt(row);
      product.setFloat(row, sample * ofClasses[(int) labels.longAt(row)]);
    }
    hostWeights.add(product);
    return resident(product);
  }

  private Tensor resident(HostTensor tensor) {
    return handles.keep(TensorConversion.resident(tensor, home));
  }

  public int rows() {
    return subset.rows();
  }

  /** Reorders the rows for an epoch. */
  void shuffle(long seed, long phase, long epoch) {
    if (hostOrder == null || order == null) {
      return;
    }
    Shuffle.fill(hostOrder.data(), subset.rows(), seed, phase, epoch);
    shuffled = true;
    if (window != null) {
      window.clear();
    }
    if (home != Device.CPU) {
      try (PointerScope scope = new PointerScope()) {
        order.copy_(TensorConversion.view(hostOrder));
      }
    }
  }

  /** A batch of the epoch; it is valid until the next one. */
  Batch batch(int from, int count) {
    boolean isPart = window != null && count < window.batchRows();
    if (!shuffled || order == null || isPart) {
      return new Batch(inputs(from, count), targets(from, count), weights(from, count));
    }
    if (window == null || window.batchRows() != count) {
      close(window);
      window = NativeHandles.whileMaking(() -> window(count));
    }
    Batch batch = window.batch(order, from);
    return home == device ? batch : batch.map(tensor -> TensorConversion.on(device, tensor));
  }

  private BatchWindow window(int count) {
    Batch all =
        new Batch(
            inputs.toArray(Tensor[]::new),
            targets.toArray(Tensor[]::new),
            weights.toArray(Tensor[]::new));
    return new BatchWindow(all, subset.rows(), count, type);
  }

  private static void close(@Nullable BatchWindow window) {
    if (window != null) {
      window.close();
    }
  }

  /** A batch's rows of every input. */
  @Nullable Tensor[] inputs(int from, int count) {
    @Nullable Tensor[] batch = new Tensor[inputs.size()];
    Tensor rows = order(from, count);
    for (int i = 0; i < batch.length; i++) {
      batch[i] = rows(inputs.get(i), rows, from, count);
    }
    return batch;
  }

  /** A batch's rows of every objective's target; null where a layer's output is the target. */
  @Nullable Tensor[] targets(int from, int count) {
    return rows(targets, from, count);
  }

  /** The weights of a batch's rows for every objective; null where every row counts the same. */
  @Nullable Tensor[] weights(int from, int count) {
    return rows(weights, from, count);
  }

  private @Nullable Tensor[] rows(List<@Nullable Tensor> all, int from, int count) {
    @Nullable Tensor[] batch = new Tensor[all.size()];
    Tensor rows = null;
    for (int i = 0; i < batch.length; i++) {
      Tensor tensor = all.get(i);
      if (tensor != null) {
        rows = rows == null ? order(from, count) : rows;
        batch[i] = rows(tensor, rows, from, count);
      }
    }
    return batch;
  }

  private @Nullable Tensor order(int from, int count) {
    return shuffled && order != null ? order.narrow(0, from, count) : null;
  }

  private Tensor rows(Tensor all, @Nullable Tensor order, int from, int count) {
    Tensor rows = order == null ? all.narrow(0, from, count) : all.index_select(0, order);
    Tensor typed = type == ScalarType.Float ? rows : TensorConversion.as(type, rows);
    return home == device ? typed : TensorConversion.on(device, typed);
  }

  @Override
  public void close() {
    close(window);
    handles.close();
  }
}
