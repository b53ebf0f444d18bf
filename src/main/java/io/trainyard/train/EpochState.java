package io.trainyard.train;

import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.metric.PartMetrics;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The current epoch: its finished steps and their sums. A checkpoint stores them as tensors under
 * {@code epoch/}, so that a long epoch is not repeated.
 */
final class EpochState {
  private static final String EPOCH = "epoch/";
  private static final String STEP = EPOCH + "step";
  private static final String METRICS = EPOCH + "metrics/";

  private final TrainingSession session;
  private final @Nullable PartMetrics metrics;
  private long steps;

  EpochState(TrainingSession session, @Nullable PartMetrics metrics) {
    this.session = session;
    this.metrics = metrics;
  }

  @Nullable PartMetrics metrics() {
    return metrics;
  }

  long steps() {
    return steps;
  }

  void stepDone() {
    steps++;
  }

  void putInto(Map<String, HostTensor> tensors) {
    tensors.put(STEP, HostTensor.ofLongs(Shape.of(1), steps));
    session.epochState().forEach((name, sums) -> tensors.put(EPOCH + name, sums));
    if (metrics != null) {
      metrics.state().forEach((name, sums) -> tensors.put(METRICS + name, sums));
    }
  }

  /** Continues the epoch of a checkpoint; one taken between epochs changes nothing. */
  void restore(Checkpoint checkpoint) {
    HostTensor stored = checkpoint.tensors().get(STEP);
    if (stored == null) {
      return;
    }
    steps = stored.longAt(0);
    session.restoreEpoch(checkpoint.tensors(EPOCH));
    if (metrics != null) {
      metrics.restore(checkpoint.tensors(METRICS));
    }
  }
}
