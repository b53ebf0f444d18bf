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

/** The rows a plan reads, as often as they are wanted; small data sets are read once and kept. */
final class SelectedRows {
  /** Below this many values rows are kept. */
  private static final long KEPT_VALUES = 1 << 20;

  private final DatasetRows source;
  private final DatasetVersion version;
  private final @Nullable String where;
  private final Set<String> all;
  private final boolean small;
  private final BooleanSupplier cancelled;
  private @Nullable List<Rows> kept;

  /**
   * Rows of a version.
   *
   * @param all every column that will be asked for
   * @param values how many they hold together
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
    this.small = values <= KEPT_VALUES;
    this.cancelled = cancelled;
  }

  /** One pass in file order. */
  void scan(Collection<String> columns, Consumer<Rows> reader) {
    Consumer<Rows> careful =
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
      kept.forEach(careful);
    } else {
      source.scan(version, where, List.copyOf(columns), careful);
    }
  }
}
