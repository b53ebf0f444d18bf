package io.trainyard.dataset;

import io.trainyard.json.NameAdvice;
import org.jspecify.annotations.Nullable;

/**
 * How rows are split for training, validation and test.
 *
 * @param validation share of the rows, in [0, 1)
 * @param test share of the rows, in [0, 1)
 * @param stratify the column whose values keep their proportions in each subset, or null
 * @param fold the fold of a cross-validation, whose rows are those for validation; null: the share
 */
public record SplitSpec(
    double validation, double test, @Nullable String stratify, By by, @Nullable FoldSpec fold) {
  /** All rows are for training. */
  public static final SplitSpec NONE = new SplitSpec(0, 0, null, By.RANDOM, null);

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

  /** Whether some rows are for validation. */
  public boolean validates() {
    return fold == null ? validation > 0 : fold.validates();
  }

  /** The same with one fold of a cross-validation. */
  public SplitSpec withFold(FoldSpec one) {
    return new SplitSpec(one.of() == 1 ? validation : 0, test, stratify, by, one);
  }

  public enum By {
    RANDOM,
    FILE_ORDER
  }
}
