package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.predict.compute.Deadline;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Further work on the rows of a request, whose outputs are computed already. */
public final class Computation {
  private final LoadedModel model;
  private final VersionDefinition definition;
  private final Map<String, HostTensor> inputs;
  private final Map<String, HostTensor> outputs;
  private final ComputeQueue queue;
  private final PredictLimits limits;
  private final ByteBudget.Reservation memory;
  private final Deadline deadline;

  Computation(
      LoadedModel model,
      VersionDefinition definition,
      Map<String, HostTensor> inputs,
      Map<String, HostTensor> outputs,
      ComputeQueue queue,
      PredictLimits limits,
      ByteBudget.Reservation memory,
      Deadline deadline) {
    this.model = model;
    this.definition = definition;
    this.inputs = inputs;
    this.outputs = outputs;
    this.queue = queue;
    this.limits = limits;
    this.memory = memory;
    this.deadline = deadline;
  }

  /** A part of the work, on a compute thread. */
  @FunctionalInterface
  public interface Slice {
    /**
     * Computes some consecutive rows of the work.
     *
     * @param stopped whether no caller waits for the result any more
     */
    void compute(
        LoadedNetwork.Differentiable network, long from, int count, BooleanSupplier stopped);
  }

  public LoadedModel model() {
    return model;
  }

  /** As the request wants outputs decoded. */
  public VersionDefinition definition() {
    return definition;
  }

  /** The rows of the request, by input. */
  public Map<String, HostTensor> inputs() {
    return inputs;
  }

  /** What the network gave for them, by output. */
  public Map<String, HostTensor> outputs() {
    return outputs;
  }

  /** The rows of the request. */
  public int rows() {
    return inputs.values().iterator().next().shape().axis(0);
  }

  /** Whether the network can be sampled, and has gradients. */
  public boolean isDifferentiable() {
    return model.network().isDifferentiable();
  }

  /** Counts memory until the answer is written. */
  public void reserve(long rowBytes, String what) {
    memory.add(rows(), rowBytes, what);
  }

  /**
   * Computes rows in slices; other callers wait for at most one of them.
   *
   * @param cost of one row
   */
  public void each(long rows, RowCost cost, Slice slice) {
    int perSlice = (int) Math.min(rows, limits.rowsPerSlice(cost));
    var _ = queue.call(model.network().lane(), new Slices(rows, perSlice, cost, slice), deadline);
  }

  private final class Slices implements ComputeQueue.Work<Boolean> {
    private final long rows;
    private final int perSlice;
    private final ComputeQueue.Weight weight;
    private final Slice slice;
    private long done;

    Slices(long rows, int perSlice, RowCost cost, Slice slice) {
      this.rows = rows;
      this.perSlice = perSlice;
      this.weight = limits.weight(cost, perSlice);
      this.slice = slice;
    }

    @Override
    public int steps() {
      return Math.toIntExact(Math.ceilDiv(rows, (long) perSlice));
    }

    @Override
    public ComputeQueue.Weight weight() {
      return weight;
    }

    @Override
    public @Nullable Boolean next(BooleanSupplier stopped) {
      int count = (int) Math.min(perSlice, rows - done);
      model.network().analyse(network -> slice.compute(network, done, count, stopped));
      done += count;
      return done == rows ? true : null;
    }
  }
}
