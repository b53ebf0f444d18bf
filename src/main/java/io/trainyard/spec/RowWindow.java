package io.trainyard.spec;

import org.jspecify.annotations.Nullable;

/**
 * How rows of a series become sequences.
 *
 * @param length rows in a window
 * @param stride rows from one window's begin to the next one's
 * @param group column whose values keep series apart, or null for one series
 * @param orderBy column that orders the rows, or null for the file's order
 */
public record RowWindow(int length, int stride, @Nullable String group, @Nullable String orderBy) {
  public RowWindow {
    if (length < 1) {
      throw new IllegalArgumentException("length must be at least 1, was " + length);
    }
    if (stride < 1) {
      throw new IllegalArgumentException("stride must be at least 1, was " + stride);
    }
  }

  /** Whether another input's windows end at the same rows. */
  public boolean endsWith(RowWindow other) {
    return withLength(other.length).equals(other);
  }

  /** The same windows with another length. */
  public RowWindow withLength(int other) {
    return new RowWindow(other, stride, group, orderBy);
  }
}
