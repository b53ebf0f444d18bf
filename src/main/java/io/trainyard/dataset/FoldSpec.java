package io.trainyard.dataset;

import java.util.Arrays;

/**
 * One fold of a cross-validation. The rows that are not for the test are divided into folds; the
 * fold's rows are for validation, all others for training. Number 0 trains on all of them, those
 * for validation included, and so leaves only the test part out.
 *
 * @param number from 1; 0: all rows but the test part are for training
 * @param of the number of folds; 1 only with number 0
 */
public record FoldSpec(int number, int of) {
  /** The largest number of folds. */
  public static final int MAX = 100;

  public FoldSpec {
    if (of < 1 || of > MAX || number < 0 || number > of || (of == 1 && number != 0)) {
      throw new IllegalArgumentException(
          "a fold is a number from 1 to the number of folds, 2 to %d of them, was %d of %d; 0 trains on all"
              .formatted(MAX, number, of));
    }
  }

  /** Whether the rows of this fold are for validation. */
  public boolean validates() {
    return number > 0;
  }

  /**
   * The first of the rows of this fold, when folds follow each other. The first ones get one more.
   */
  public int begin(int rows) {
    return begin(rows, number - 1);
  }

  /** The row behind the last one of this fold. */
  public int end(int rows) {
    return begin(rows, number);
  }

  private int begin(int rows, int before) {
    return (int) ((long) (rows / of) * before + Math.min(before, rows % of));
  }

  /** Whether the fold has a row, when rows are dealt to the folds in turn. */
  public boolean has(int dealt) {
    return dealt % of == number - 1;
  }

  /** The rows of one fold of a series, which run forward in time: training, then validation. */
  public Forward forward(int rows) {
    int each = rows / (of + 1);
    int training = rows - (of - number + 1) * each;
    return new Forward(training, training + each);
  }

  /**
   * A part of a series; the rows behind it are not used.
   *
   * @param training the row behind the last one for training
   * @param validation the row behind the last one for validation
   */
  public record Forward(int training, int validation) {}

  /**
   * The fold of each group, from 1: the largest groups first, each to the fold with the fewest
   * rows.
   *
   * @param sizes the rows of each group
   */
  public int[] ofGroups(int[] sizes) {
    Integer[] order = new Integer[sizes.length];
    Arrays.setAll(order, group -> group);
    Arrays.sort(order, (a, b) -> Integer.compare(sizes[b], sizes[a]));
    long[] rows = new long[of];
    int[] folds = new int[sizes.length];
    for (int group : order) {
      int fewest = 0;
      for (int fold = 1; fold < of; fold++) {
        if (rows[fold] < rows[fewest]) {
          fewest = fold;
        }
      }
      rows[fewest] += sizes[group];
      folds[group] = fewest + 1;
    }
    return folds;
  }
}
