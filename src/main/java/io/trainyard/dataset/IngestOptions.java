package io.trainyard.dataset;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an upload is read.
 *
 * @param delimiter of CSV; null: detected
 * @param header whether the first line names the columns; null: detected
 * @param types forced column types; the others are detected
 * @param nullValues texts that mean a missing value, in addition to the empty field
 * @param column the name of the column an NPY file becomes
 * @param image height and width that images are resized to; empty: all must agree
 */
public record IngestOptions(
    OnError onError,
    @Nullable String delimiter,
    @Nullable Boolean header,
    Map<String, ColumnType> types,
    List<String> nullValues,
    String column,
    List<Integer> image) {
  public static final IngestOptions DEFAULT =
      new IngestOptions(OnError.REJECT, null, null, Map.of(), List.of(), "x", List.of());

  public IngestOptions {
    types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    nullValues = List.copyOf(nullValues);
    image = List.copyOf(image);
  }

  /** What happens to an upload with bad rows. */
  public enum OnError {
    REJECT,
    SKIP
  }
}
