package io.trainyard.dataset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column's content in numbers.
 *
 * @param min smallest value as JSON shows it (a number, a string or a boolean); null when there is
 *     none
 * @param mean null when the column is not numeric
 * @param std divides by n
 * @param distinct approximate when there are many
 * @param labels all different values as texts, in no order; null when there are many
 */
public record ColumnProfile(
    long nulls,
    long distinct,
    @Nullable Object min,
    @Nullable Object max,
    @Nullable Double mean,
    @Nullable Double std,
    List<Top> top,
    @Nullable List<String> labels) {
  public ColumnProfile {
    top = List.copyOf(top);
    labels = labels == null ? null : List.copyOf(labels);
  }

  /** A frequent value. */
  public record Top(Object item, long count) {}
}
