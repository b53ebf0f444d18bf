package io.trainyard.dataset.prepare;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import org.jspecify.annotations.Nullable;

/** The subset of each row, for plots: 0 training, 1 validation, 2 test, 3 unused. */
public final class SplitRows {
  private static final long SEED = 1;

  private SplitRows() {}

  /**
   * The part that each row goes to.
   *
   * @param strata the stratum of each row; null when the split is not stratified
   */
  public static byte[] of(int rows, SplitSpec split, int @Nullable [] strata) {
    return Split.subsets(rows, split, SEED, strata);
  }

  /** A split with one fold of a cross-validation. */
  public static SplitSpec fold(SplitSpec split, FoldSpec fold) {
    double validation = fold.of() == 1 ? split.validation() : 0;
    return new SplitSpec(
        validation, split.test(), split.stratify(), split.by(), split.column(), fold);
  }

  /** The rows of one series, which run forward in time. */
  public static byte[] ofSeries(int rows, SplitSpec split) {
    return ofParts(rows, Split.parts(rows, split, 0));
  }

  /** The rows of as many groups as there are folds, each of which is in another fold. */
  public static byte[] ofGroups(int rowsOfGroup, SplitSpec split, FoldSpec fold) {
    byte[] subsets = new byte[rowsOfGroup * fold.of()];
    for (int group = 0; group < fold.of(); group++) {
      Split.Parts parts = Split.parts(rowsOfGroup, fold(split, fold), group + 1);
      byte[] own = ofParts(rowsOfGroup, parts);
      System.arraycopy(own, 0, subsets, group * rowsOfGroup, rowsOfGroup);
    }
    return subsets;
  }

  private static byte[] ofParts(int rows, Split.Parts parts) {
    byte[] subsets = new byte[rows];
    for (int row = 0; row < rows; row++) {
      subsets[row] = parts.subset(row);
    }
    return subsets;
  }
}
