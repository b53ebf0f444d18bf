package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.TrainingSpec.EarlyStopping;
import io.trainyard.spec.training.TrainingSpec.Mode;
import io.trainyard.spec.training.optimizer.TrainingDefaults;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What ends a training before its last epoch. Rules are asked after each epoch. Source of goal,
 * max_fail and min_gradient: MATLAB's training functions (trainParam).
 *
 * @param goal the loss that is good enough: an epoch's loss at or below it ends the training
 * @param maxFail epochs in a row without a new lowest val_loss that end the training
 * @param minGradient a gradient norm: an epoch in which no step's gradient over all weights, before
 *     clipping, has a larger norm ends the training
 * @param timeLimitSeconds 0 for no limit
 */
public record StoppingRules(
    @Nullable EarlyStopping earlyStopping,
    @Nullable Double goal,
    @Nullable Integer maxFail,
    @Nullable Double minGradient,
    double timeLimitSeconds) {
  private static final double MAX_SECONDS = 1e9;

  public StoppingRules {
    if (minGradient != null && !(minGradient >= 0)) {
      throw new IllegalArgumentException("min_gradient must be at least 0, was " + minGradient);
    }
    if (maxFail != null && maxFail < 1) {
      throw new IllegalArgumentException("max_fail must be at least 1, was " + maxFail);
    }
  }

  /** The default goal, 0, is none for a loss that can be lower. */
  static StoppingRules read(
      JsonObject training, TrainingDefaults defaults, Collection<LossSpec> losses) {
    EarlyStopping earlyStopping = earlyStopping(training);
    Double usual = losses.stream().anyMatch(LossSpec::canBeNegative) ? null : defaults.goal();
    Double goal = training.has("goal") ? training.number("goal") : usual;
    Integer maxFail =
        training.has("max_fail")
            ? (Integer) training.integer("max_fail", 1, 1, TrainingReader.MAX_EPOCHS)
            : defaults.maxFail();
    Double minGradient =
        training.has("min_gradient") ? training.number("min_gradient") : defaults.minGradient();
    if (minGradient != null && !(minGradient >= 0)) {
      // NaN stands for what is no number, which is reported already.
      if (minGradient < 0) {
        training.violate("min_gradient", "A number of at least 0 was expected, got " + minGradient);
      }
      minGradient = null;
    }
    double timeLimit = UpdateRules.positive(training, "time_limit_seconds", MAX_SECONDS);
    return new StoppingRules(earlyStopping, goal, maxFail, minGradient, timeLimit);
  }

  private static @Nullable EarlyStopping earlyStopping(JsonObject training) {
    JsonObject stopping = training.object("early_stopping");
    if (stopping == null) {
      return null;
    }
    EarlyStopping rule = stopping.untangled(StoppingRules::rule);
    stopping.finish();
    return rule;
  }

  private static @Nullable EarlyStopping rule(JsonObject members) {
    String monitor = members.text("monitor", "val_loss");
    Mode mode = members.has("mode") ? members.choice("mode", Mode.MIN) : null;
    int patience = members.requiredInteger("patience", 1, TrainingReader.MAX_EPOCHS);
    double minDelta = members.number("min_delta", 0);
    return members.build(() -> new EarlyStopping(monitor, mode, patience, minDelta));
  }
}
