package io.trainyard.predict;

import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a request's rows, in slices that bound memory and time. Requests of one slice
 * can be computed together, as one batch.
 */
final class ForwardPass implements ComputeQueue.Work<Map<String, HostTensor>> {
  private final SharedNetwork network;
  private final Map<String, HostTensor> inputs;
  private final List<String> outputs;
  private final int rows;
  private final Slices slices;
  private final IntConsumer forwarded;
  private final Map<String, HostTensor> results = new LinkedHashMap<>();
  private int done;
  private long nanos;

  /**
   * How the rows are divided.
   *
   * @param perSlice the rows of a slice, at least 1
   * @param together the most rows of several requests that are computed in one step
   * @param weight of one step
   */
  record Slices(int perSlice, int together, ComputeQueue.Weight weight) {
    /** The same without other requests in a step. */
    Slices alone() {
      return new Slices(perSlice, 0, weight);
    }
  }

  /**
   * @param inputs by input name, [rows, ...]
   * @param forwarded told the rows of each step
   */
  ForwardPass(
      SharedNetwork network,
      Map<String, HostTensor> inputs,
      List<String> outputs,
      Slices slices,
      IntConsumer forwarded) {
    this.network = network;
    this.inputs = inputs;
    this.outputs = outputs;
    this.rows = inputs.values().iterator().next().shape().axis(0);
    this.slices = slices;
    this.forwarded = forwarded;
  }

  @Override
  public int steps() {
    return Math.ceilDiv(rows, slices.perSlice());
  }

  @Override
  public ComputeQueue.Weight weight() {
    return slices.weight();
  }

  @Override
  public int rows() {
    return Math.min(rows, slices.perSlice());
  }

  /** The same network for the same outputs, without padding. */
  @Override
  public boolean joins(ComputeQueue.Work<?> other, int before) {
    return other instanceof ForwardPass forward
        && before + forward.rows <= slices.together()
        && forward.network == network
        && forward.outputs.equals(outputs)
        && hasSameRows(forward);
  }

  private boolean hasSameRows(ForwardPass other) {
    for (Map.Entry<String, HostTensor> input : inputs.entrySet()) {
      HostTensor theirs = other.inputs.get(input.getKey());
      if (theirs == null
          || theirs.type() != input.getValue().type()
          || !theirs.shape().row().equals(input.getValue().shape().row())) {
        return false;
      }
    }
    return inputs.size() == other.inputs.size();
  }

  @Override
  public @Nullable Map<String, HostTensor> next(BooleanSupplier stopped) {
    long start = System.nanoTime();
    try {
      return slice(stopped);
    } finally {
      nanos += System.nanoTime() - start;
    }
  }

  /** The time that the steps took, once all are done. */
  long nanos() {
    return nanos;
  }

  private @Nullable Map<String, HostTensor> slice(BooleanSupplier stopped) {
    if (rows <= slices.perSlice()) {
      forwarded.accept(rows);
      return network.forward(inputs, outputs, stopped);
    }
    int count = Math.min(slices.perSlice(), rows - done);
    Map<String, HostTensor> slice = HostTensor.rows(inputs, done, count);
    forwarded.accept(count);
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

  @Override
  public List<Map<String, HostTensor>> together(
      List<ComputeQueue.Work<Map<String, HostTensor>>> others, BooleanSupplier stopped) {
    long start = System.nanoTime();
    List<ForwardPass> all = new ArrayList<>();
    all.add(this);
    others.forEach(other -> all.add((ForwardPass) other));
    int count = all.stream().mapToInt(each -> each.rows).sum();
    Map<String, HostTensor> joined =
        HostTensor.joined(all.stream().map(each -> each.inputs).toList());
    forwarded.accept(count);
    Map<String, HostTensor> computed = network.forward(joined, outputs, stopped);
    List<Map<String, HostTensor>> parts = new ArrayList<>();
    int from = 0;
    for (ForwardPass each : all) {
      parts.add(HostTensor.rows(computed, from, each.rows));
      from += each.rows;
      each.nanos = System.nanoTime() - start;
    }
    return parts;
  }
}
