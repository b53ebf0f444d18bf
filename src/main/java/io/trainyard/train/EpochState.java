package io.trainyard.train;

import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The epoch under way: how many of its steps are done, and the sums they have come to. Stored with
 * a checkpoint as tensors under {@code epoch/}, so that a long epoch need not begin again.
 */
final class EpochState {
  private static final String STEP = "epoch/step";
  private static final String LOSSES = "epoch/losses";
  private static final String METRICS = "epoch/metrics/";

  private final TrainingSession session;
  private final @Nullable ObjectiveMetrics measurement;
  private long steps;

  /** An epoch that the session has just begun. */
  EpochState(TrainingSession session, @Nullable ObjectiveMetrics measurement) {
    this.session = session;
    this.measurement = measurement;
  }

  @Nullable ObjectiveMetrics measurement() {
    return measurement;
  }

  long steps() {
    return steps;
  }

  void stepDone() {
    steps++;
  }

  void putInto(Map<String, HostTensor> tensors) {
    tensors.put(STEP, HostTensor.ofLongs(Shape.of(1), steps));
    tensors.put(LOSSES, doubles(session.losses()));
    if (measurement != null) {
      measurement
          .toArrays()
          .forEach((target, sums) -> tensors.put(METRICS + target, doubles(sums)));
    }
  }

  /**
   * Takes up the epoch where a checkpoint left it; one without an epoch under way changes nothing.
   */
  void restore(Checkpoint checkpoint) {
    HostTensor stored = checkpoint.tensors().get(STEP);
    HostTensor losses = checkpoint.tensors().get(LOSSES);
    if (stored == null || losses == null) {
      return;
    }
    steps = stored.longAt(0);
    session.restoreLosses(losses.toDoubles());
    if (measurement != null) {
      checkpoint
          .tensors(METRICS)
          .forEach((target, sums) -> measurement.restore(target, sums.toDoubles()));
    }
  }

  private static HostTensor doubles(double[] numbers) {
    return HostTensor.ofDoubles(Shape.of(numbers.length), numbers);
  }
}
