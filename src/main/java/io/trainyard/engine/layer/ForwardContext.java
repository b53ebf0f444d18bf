package io.trainyard.engine.layer;

import io.trainyard.engine.natives.RandomSource;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import org.bytedeco.pytorch.GeneratorOptional;
import org.jspecify.annotations.Nullable;

/**
 * What a layer needs to know about the current forward pass.
 *
 * @param training whether batch statistics are used and images changed
 * @param random the random numbers of masks and noise; null: none is drawn
 * @param progress how far the training is; null without one
 */
public record ForwardContext(
    boolean training, @Nullable RandomSource random, @Nullable Progress progress) {
  public static final ForwardContext PREDICTION = new ForwardContext(false, null, null);

  /** The step of the training; null before the first one. */
  static final class Progress {
    private LearningRateSchedule.@Nullable Step step;
  }

  /** A step of a training. */
  public static ForwardContext training(RandomSource random) {
    return new ForwardContext(true, random, new Progress());
  }

  /** A prediction with the masks and the noise of a training. */
  public static ForwardContext sampling(RandomSource random) {
    return new ForwardContext(false, random, null);
  }

  /** Says which step of the training is next. */
  public void reach(LearningRateSchedule.Step step) {
    if (progress != null) {
      progress.step = step;
    }
  }

  /** A number at the present step; its value outside of a training. */
  double now(ScheduledNumber number) {
    LearningRateSchedule.Step step = progress == null ? null : progress.step;
    return step == null ? number.value() : number.at(step);
  }

  /** Whether dropout masks and noise are drawn. */
  boolean draws() {
    return random != null;
  }

  /** The generator for a layer's masks or noise. */
  GeneratorOptional generator(long purpose) {
    if (random == null) {
      throw new IllegalStateException("a prediction draws no random numbers");
    }
    return random.purpose(purpose);
  }
}
