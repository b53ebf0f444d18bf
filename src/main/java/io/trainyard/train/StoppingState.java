package io.trainyard.train;

import io.trainyard.spec.training.StoppingRules;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether goal, max_fail or min_gradient ends a training. A checkpoint stores its numbers as a
 * tensor.
 */
final class StoppingState {
  static final String NAME = "stopping";

  /** The reasons by their numbers in checkpoints; new ones come last. */
  private static final List<StopReason> STORED =
      List.of(StopReason.GOAL, StopReason.MAX_FAIL, StopReason.MIN_GRADIENT, StopReason.MU_MAX);

  private final StoppingRules rules;

  /** Why a training ends whose optimizer finds no better weights. */
  private final StopReason exhaustion;

  private int fails;
  private double lowest = Double.NaN;
  private @Nullable StopReason reason;

  StoppingState(TrainingSpec training) {
    rules = training.stopping();
    // The methods for sums of squares have a mu; with others the gradient is 0 within rounding.
    exhaustion = training.optimizer().squaresOnly() ? StopReason.MU_MAX : StopReason.MIN_GRADIENT;
  }

  /**
   * Adds an epoch.
   *
   * @param gradient the largest norm of a step's gradient; NaN when no rule needs it
   * @param exhausted whether the optimizer finds no better weights
   */
  void add(Map<String, Double> values, double gradient, boolean exhausted) {
    double loss = values.getOrDefault("loss", Double.NaN);
    double validation = values.getOrDefault("val_loss", Double.NaN);
    boolean isLower = validation < lowest || (Double.isNaN(lowest) && !Double.isNaN(validation));
    lowest = isLower ? validation : lowest;
    // Without validation rows nothing fails.
    fails = isLower || !values.containsKey("val_loss") ? 0 : fails + 1;
    Double goal = rules.goal();
    Integer maxFail = rules.maxFail();
    Double minGradient = rules.minGradient();
    if (goal != null && loss <= goal) {
      reason = StopReason.GOAL;
    } else if (maxFail != null && fails >= maxFail) {
      reason = StopReason.MAX_FAIL;
    } else if (minGradient != null && gradient <= minGradient) {
      reason = StopReason.MIN_GRADIENT;
    } else if (exhausted) {
      reason = exhaustion;
    }
  }

  /** The rule that ends the training; null: none does. */
  @Nullable StopReason reason() {
    return reason;
  }

  void putInto(Map<String, HostTensor> tensors) {
    double ended = reason == null ? -1 : STORED.indexOf(reason);
    tensors.put(NAME, HostTensor.ofDoubles(Shape.of(3), fails, lowest, ended));
  }

  /** Continues from a checkpoint; one of an earlier release has no such numbers. */
  void restore(Checkpoint checkpoint) {
    HostTensor stored = checkpoint.tensors().get(NAME);
    if (stored == null) {
      return;
    }
    fails = (int) stored.doubleAt(0);
    lowest = stored.doubleAt(1);
    int ended = (int) stored.doubleAt(2);
    reason = ended < 0 ? null : STORED.get(ended);
  }
}
