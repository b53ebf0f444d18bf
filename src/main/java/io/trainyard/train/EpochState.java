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
  private static final String STEP = "epoch/step";
  private static final String LOSSES = "epoch/losses";
  private static final String GRADIENT = "epoch/gradient";
  private static final String METRICS = "epoch/metrics/";

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
    tensors.put(LOSSES, doubles(session.losses()));
    tensors.put(GRADIENT, doubles(new double[] {session.largestGradient()}));
    if (metrics != null) {
      metrics.state().forEach((name, sums) -> tensors.put(METRICS + name, sums));
    }
  }

  /** Continues the epoch of a checkpoint; one taken between epochs changes nothing. */
  void restore(Checkpoint checkpoint) {
    HostTensor stored = checkpoint.tensors().get(STEP);
    HostTensor losses = checkpoint.tensors().get(LOSSES);
    if (stored == null || losses == null) {
      return;
    }
    steps = stored.longAt(0);
    session.restoreLosses(losses.toDoubles());
    HostTensor gradient = checkpoint.tensors().get(GRADIENT);
    if (gradient != null) {
      session.restoreLargestGradient(gradient.doubleAt(0));
    }
    if (metrics != null) {
      metrics.restore(checkpoint.tensors(METRICS));
    }
  }

  private static HostTensor doubles(double[] numbers) {
    return HostTensor.ofDoubles(Shape.of(numbers.length), numbers);
  }
}
