package io.trainyard.predict;

import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A request's rows through a network, in slices that bound memory and time. */
final class SlicedForward implements ComputeQueue.Work<Map<String, HostTensor>> {
  private final SharedNetwork network;
  private final Map<String, HostTensor> inputs;
  private final List<String> outputs;
  private final int rows;
  private final int perSlice;
  private final ComputeQueue.Weight weight;
  private final Map<String, HostTensor> results = new LinkedHashMap<>();
  private BooleanSupplier hasLeft = () -> false;
  private int done;
  private long nanos;

  /**
   * @param inputs by input name, [rows, ...]
   * @param perSlice the rows of a slice
   * @param weight of one slice
   */
  SlicedForward(
      SharedNetwork network,
      Map<String, HostTensor> inputs,
      List<String> outputs,
      int perSlice,
      ComputeQueue.Weight weight) {
    this.network = network;
    this.inputs = inputs;
    this.outputs = outputs;
    this.rows = inputs.values().iterator().next().shape().axis(0);
    this.perSlice = perSlice;
    this.weight = weight;
  }

  /** Nothing more is computed once the caller has left. */
  SlicedForward until(BooleanSupplier callerHasLeft) {
    hasLeft = callerHasLeft;
    return this;
  }

  @Override
  public int steps() {
    return Math.ceilDiv(rows, perSlice);
  }

  @Override
  public ComputeQueue.Weight weight() {
    return weight;
  }

  @Override
  public @Nullable Map<String, HostTensor> next(BooleanSupplier stopped) {
    if (hasLeft.getAsBoolean()) {
      throw new CancellationException("the caller has left");
    }
    long start = System.nanoTime();
    try {
      return slice(stopped);
    } finally {
      nanos += System.nanoTime() - start;
    }
  }

  /** The time that the slices took, once all are done. */
  long nanos() {
    return nanos;
  }

  private @Nullable Map<String, HostTensor> slice(BooleanSupplier stopped) {
    if (rows <= perSlice) {
      return network.forward(inputs, outputs, stopped);
    }
    int count = Math.min(perSlice, rows - done);
    Map<String, HostTensor> slice = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> slice.put(name, tensor.rows(done, count)));
    network.forward(slice, outputs, stopped).forEach((name, values) -> keep(name, values, count));
    done += count;
    return done == rows ? results : null;
  }

  private void keep(String name, HostTensor values, int count) {
    HostTensor all =
        results.computeIfAbsent(
            name, _ -> HostTensor.allocate(values.type(), values.shape().row().batched(rows)));
    all.rows(done, count).data().copyFrom(values.data());
  }
}
