package io.trainyard.api.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dataset version as callers see it. */
public record DatasetView(
    String name,
    int version,
    String format,
    String sha256,
    long rows,
    long rejectedRows,
    long bytes,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ColumnView> columns,
    List<Hint> hints,
    String owner,
    @Nullable String description,
    Map<String, String> tags,
    boolean archived,
    Instant createdAt) {

  public static DatasetView of(DatasetVersion version) {
    return view(version, version.columns().stream().map(ColumnView::of).toList());
  }

  /** For lists: without columns. */
  static DatasetView brief(DatasetVersion version) {
    return view(version, null);
  }

  private static DatasetView view(DatasetVersion version, @Nullable List<ColumnView> columns) {
    return new DatasetView(
        version.name(),
        version.version(),
        version.format().name().toLowerCase(Locale.ROOT),
        version.sha256(),
        version.rows(),
        version.rejectedRows(),
        version.bytes(),
        columns,
        version.hints(),
        version.labels().shownOwner(),
        version.labels().description(),
        version.labels().tags(),
        version.labels().archived(),
        version.createdAt());
  }

  /**
   * A column. {@code shape} is for tensors only, {@code mean}, {@code std} and {@code quantiles}
   * for numbers. {@code estimated} names the members that are not exact.
   */
  record ColumnView(
      String name,
      String type,
      @Nullable List<Integer> shape,
      long nulls,
      @Nullable Long distinct,
      @Nullable Object min,
      @Nullable Object max,
      @Nullable Double mean,
      @Nullable Double std,
      @Nullable Map<String, Double> quantiles,
      List<TopView> top,
      List<String> estimated) {
    static ColumnView of(Column column) {
      ColumnProfile profile = column.profile();
      return new ColumnView(
          column.name(),
          column.type().word(),
          column.shape() == null ? null : column.shape().dims(),
          profile.nulls(),
          column.type() == ColumnType.TENSOR ? null : (Long) profile.distinct(),
          profile.min(),
          profile.max(),
          profile.mean(),
          profile.std(),
          profile.quantiles(),
          profile.top().stream().map(top -> new TopView(top.item(), top.count())).toList(),
          profile.estimated());
    }
  }

  record TopView(Object value, long count) {}
}
