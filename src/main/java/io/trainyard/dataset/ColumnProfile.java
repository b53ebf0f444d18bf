package io.trainyard.dataset;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column's content in numbers.
 *
 * @param min smallest value as JSON shows it (a number, a string or a boolean); null when there is
 *     none
 * @param mean null when the column is not numeric
 * @param std divides by n
 * @param quantiles by their level as a text, "0.5" for the median; null when the column is not
 *     numeric or nobody asked
 * @param estimated which of distinct and quantiles are estimates
 * @param labels all different values as texts, in no order; null when there are many
 */
public record ColumnProfile(
    long nulls,
    long distinct,
    @Nullable Object min,
    @Nullable Object max,
    @Nullable Double mean,
    @Nullable Double std,
    @Nullable Map<String, Double> quantiles,
    List<Top> top,
    List<String> estimated,
    @Nullable List<String> labels) {
  /** Members that can be estimates. */
  public static final String DISTINCT = "distinct";

  public static final String QUANTILES = "quantiles";

  public ColumnProfile {
    quantiles =
        quantiles == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(quantiles));
    top = List.copyOf(top);
    estimated = List.copyOf(estimated);
    labels = labels == null ? null : List.copyOf(labels);
  }

  /** A frequent value. */
  public record Top(Object item, long count) {}
}
