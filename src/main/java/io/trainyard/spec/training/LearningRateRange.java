package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The range test that finds a learning rate: from the initial weights, one step at each of the
 * rates min·(max/min)^(i/(steps − 1)). Source: Smith 2017, "Cyclical Learning Rates for Training
 * Neural Networks"; the defaults are fastai's.
 *
 * @param apply whether the training follows, with the rate that was found
 */
public record LearningRateRange(double min, double max, int steps, boolean apply) {
  private static final double MIN = 1e-7;
  private static final double MAX = 10;
  private static final int STEPS = 100;

  /** The first tenth of the shortest test only warms the mean up. */
  private static final int FEWEST_STEPS = 20;

  /** As many as a job's answer can show. */
  private static final int MOST_STEPS = 1_000;

  private static final double LARGEST = 1e6;

  static @Nullable LearningRateRange read(JsonObject training) {
    JsonObject range = training.object("find_learning_rate");
    if (range == null) {
      return null;
    }
    double min = UpdateRules.positive(range, "min", LARGEST);
    double max = UpdateRules.positive(range, "max", LARGEST);
    double from = min > 0 ? min : Math.min(MIN, max > 0 ? max / 1e3 : MIN);
    double to = max > 0 ? max : Math.max(MAX, from * 1e3);
    int steps = range.integer("steps", STEPS, FEWEST_STEPS, MOST_STEPS);
    boolean apply = range.bool("apply", false);
    range.finish();
    if (from >= to || to > LARGEST) {
      range.violate("max", "A rate above 'min' (%s) was expected, got %s".formatted(from, to));
      return null;
    }
    return new LearningRateRange(from, to, steps, apply);
  }

  /** The rate of a step, from 0. */
  public double rate(int step) {
    return min * Math.pow(max / min, step / (steps - 1.0));
  }
}
