package io.trainyard.api.dataset;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Histogram;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the values of the columns of a version are spread. */
record ProfileView(String name, int version, long rows, List<ColumnSpread> columns) {
  static ProfileView of(DatasetVersion version, Map<String, Histogram> histograms) {
    return new ProfileView(
        version.name(),
        version.version(),
        version.rows(),
        version.columns().stream()
            .map(column -> ColumnSpread.of(column, histograms.get(column.name())))
            .toList());
  }

  /**
   * A column.
   *
   * @param histogram null for one without numbers or times
   */
  record ColumnSpread(
      String name,
      String type,
      long nulls,
      @Nullable Long distinct,
      @Nullable Object min,
      @Nullable Object max,
      @Nullable Double mean,
      @Nullable Double std,
      @Nullable Map<String, Double> quantiles,
      @Nullable HistogramView histogram,
      List<DatasetView.TopView> top,
      List<String> estimated) {
    static ColumnSpread of(Column column, @Nullable Histogram histogram) {
      DatasetView.ColumnView view = DatasetView.ColumnView.of(column);
      return new ColumnSpread(
          view.name(),
          view.type(),
          view.nulls(),
          view.distinct(),
          view.min(),
          view.max(),
          view.mean(),
          view.std(),
          view.quantiles(),
          histogram == null ? null : HistogramView.of(column.type(), histogram),
          view.top(),
          view.estimated());
    }
  }

  /**
   * Bins of equal width.
   *
   * @param edges one more than there are bins; numbers, or the times of a column of timestamps
   * @param counts the values from one edge to below the next; in the last bin also those at its end
   */
  record HistogramView(List<Object> edges, List<Long> counts) {
    static HistogramView of(ColumnType type, Histogram histogram) {
      return new HistogramView(
          Arrays.stream(histogram.edges()).mapToObj(edge -> edge(type, edge)).toList(),
          Arrays.stream(histogram.counts()).boxed().toList());
    }

    private static Object edge(ColumnType type, double edge) {
      return type == ColumnType.TIMESTAMP
          ? Instant.EPOCH.plus((long) edge, ChronoUnit.MICROS).toString()
          : (Object) edge;
    }
  }
}
