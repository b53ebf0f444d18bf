package io.trainyard.dataset;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of a column.
 *
 * @param min smallest value as JSON shows it (a number, a string or a boolean); null when there is
 *     none
 * @param mean null when the column is not numeric
 * @param std divides by n
 * @param quantiles by level, "0.5" for the median; null when not numeric or not computed
 * @param estimated the members that are estimates
 * @param labels all different values as texts, in any order; null when there are many
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
