package io.trainyard.store.profile;

import io.trainyard.dataset.ColumnType;

/**
 * The memory of the passes over the columns of one table.
 *
 * @param values what each pass counts
 * @param sample up to how many numbers quantiles are computed from; 0: no quantiles
 */
record PassLimits(ValueCounter.Limits values, int sample) {
  private static final long MAX_PASS_BYTES = 64 << 20;

  /** Of each different value: key, count and free slots. */
  private static final long VALUE_BYTES = 64;

  /** A chunk of DuckDB has up to 2048 rows, each in 8 bytes or more. */
  private static final int MAX_TOGETHER = 4096;

  private static final long MAX_LABELS = 2_000_000;
  private static final int MIN_LABELS = 20;
  private static final long MIN_LABEL_CHARS = 1024;

  /**
   * The limits for a table.
   *
   * @param width the number of all its columns
   * @param exact whether quantiles and numbers of different values are exact
   */
  static PassLimits of(int width, boolean quantiles, boolean exact) {
    return new PassLimits(
        new ValueCounter.Limits(
            Math.clamp(MAX_LABELS / width, MIN_LABELS, Profiler.FEW),
            Math.max(MIN_LABEL_CHARS, Profiler.LABEL_CHARS / width),
            exact),
        quantiles ? exact ? Integer.MAX_VALUE - 8 : ColumnStatistics.SAMPLE : 0);
  }

  ColumnPass pass(ColumnType type) {
    return new ColumnPass(type, values, sample);
  }

  /** The number of columns whose passes may go on at once. */
  int together(long rows) {
    long counted = values.exact() ? rows : Math.min(rows, values.values());
    long bytes = VALUE_BYTES * (1 + counted) + Double.BYTES * Math.min(rows, sample);
    return Math.clamp(MAX_PASS_BYTES / bytes, 1, MAX_TOGETHER);
  }
}
