package io.trainyard.spec;

import io.trainyard.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sliding window that turns the rows of a series into sequences.
 *
 * @param length rows per window
 * @param stride rows from the start of a window to the start of the next
 * @param group the column that identifies the series, or null for one series
 * @param orderBy the column that orders the rows, or null for the order of the file
 */
public record RowWindow(int length, int stride, @Nullable String group, @Nullable String orderBy) {
  public RowWindow {
    JsonObject.require(length >= 1, "length must be at least 1", length);
    JsonObject.require(stride >= 1, "stride must be at least 1", stride);
  }

  /** The columns that group and order the rows. */
  public List<String> columns() {
    return Stream.of(group, orderBy).filter(Objects::nonNull).distinct().toList();
  }

  /** Whether another input's windows end at the same rows. */
  public boolean endsWith(RowWindow other) {
    return withLength(other.length).equals(other);
  }

  /** The same windows with another length. */
  RowWindow withLength(int other) {
    return new RowWindow(other, stride, group, orderBy);
  }
}
