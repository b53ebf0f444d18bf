package io.trainyard.dataset;

import io.trainyard.json.NameAdvice;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How rows are split for training, validation and test.
 *
 * @param validation share of the rows, in [0, 1)
 * @param test share of the rows, in [0, 1)
 * @param stratify the column whose values keep their proportions in each subset, or null
 * @param column the column whose groups stay together, or that names the part of each row; null
 *     with another {@code by}
 * @param fold the fold of a cross-validation, whose rows are those for validation; null: the share
 */
public record SplitSpec(
    double validation,
    double test,
    @Nullable String stratify,
    By by,
    @Nullable String column,
    @Nullable FoldSpec fold) {
  /** All rows are for training. */
  public static final SplitSpec NONE = new SplitSpec(0, 0, null, By.RANDOM, null, null);

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

  /** Whether some rows are for validation; a column of parts may name some. */
  public boolean validates() {
    return fold == null ? validation > 0 || by == By.COLUMN : fold.validates();
  }

  /** Whether some rows are for the test; a column of parts may name some. */
  public boolean tests() {
    return test > 0 || by == By.COLUMN;
  }

  /** The same without a fold. */
  public SplitSpec withoutFold() {
    return with(null);
  }

  /** The same with another fold, or with none. */
  public SplitSpec with(@Nullable FoldSpec other) {
    return new SplitSpec(validation, test, stratify, by, column, other);
  }

  /** How rows are chosen for a part. */
  public enum By {
    RANDOM,
    FILE_ORDER,
    GROUP,
    COLUMN;

    /** Its name in JSON. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
