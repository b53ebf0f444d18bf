package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The rows of a plan, for several passes. Small datasets are read once and kept. */
final class SelectedRows {
  /** Rows with at most this many values are kept. */
  private static final long MAX_KEPT_VALUES = 1 << 20;

  private final DatasetRows source;
  private final DatasetVersion version;
  private final @Nullable String where;
  private final Set<String> all;
  private final boolean small;
  private final BooleanSupplier cancelled;
  private @Nullable List<Rows> kept;

  /**
   * @param all every column that {@link #scan} will be called with
   * @param values the number of values in these columns
   * @param cancelled asked between chunks; when true, a {@link CancellationException} is thrown
   */
  SelectedRows(
      DatasetRows source,
      DatasetVersion version,
      @Nullable String where,
      Set<String> all,
      long values,
      BooleanSupplier cancelled) {
    this.source = source;
    this.version = version;
    this.where = where;
    this.all = Set.copyOf(all);
    this.small = values <= MAX_KEPT_VALUES;
    this.cancelled = cancelled;
  }

  /** Rows for one pass, or that the source keeps. */
  static SelectedRows of(DatasetRows source, DatasetVersion version, @Nullable String where) {
    return new SelectedRows(source, version, where, Set.of(), Long.MAX_VALUE, () -> false);
  }

  /** One pass in file order. */
  void scan(Collection<String> columns, Consumer<Rows> reader) {
    Consumer<Rows> cancellable =
        rows -> {
          if (cancelled.getAsBoolean()) {
            throw new CancellationException();
          }
          reader.accept(rows);
        };
    if (kept == null && small) {
      List<Rows> read = new ArrayList<>();
      source.scan(version, where, List.copyOf(all), read::add);
      kept = read;
    }
    if (kept != null) {
      kept.forEach(cancellable);
    } else {
      source.scan(version, where, List.copyOf(columns), cancellable);
    }
  }
}
