package io.trainyard.dataset;

import io.trainyard.json.NameAdvice;
import org.jspecify.annotations.Nullable;

/**
 * How rows are split for training, validation and test.
 *
 * @param validation share of the rows, in [0, 1)
 * @param test share of the rows, in [0, 1)
 * @param stratify the column whose values keep their proportions in each subset, or null
 */
public record SplitSpec(double validation, double test, @Nullable String stratify, By by) {
  /** All rows are for training. */
  public static final SplitSpec NONE = new SplitSpec(0, 0, null, By.RANDOM);

  public SplitSpec {
    if (!(validation >= 0 && validation < 1)) {
      throw new IllegalArgumentException(
          "validation must be in [0, 1), was " + validation + NameAdvice.percent(validation));
    }
    if (!(test >= 0 && test < 1)) {
      throw new IllegalArgumentException(
          "test must be in [0, 1), was " + test + NameAdvice.percent(test));
    }
    if (!(validation + test < 1)) {
      throw new IllegalArgumentException(
          "validation and test leave no rows to train on: " + validation + " + " + test);
    }
  }

  public enum By {
    RANDOM,
    FILE_ORDER
  }
}
