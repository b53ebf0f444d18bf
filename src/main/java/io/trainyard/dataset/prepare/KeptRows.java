package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows for checks. A query costs more than all else that the check of a small job does, so a small
 * dataset is read once, whole, and what was read last is kept: the rows of a version never change.
 */
final class KeptRows implements DatasetRows {
  private static final int KEPT = 64;

  /** In place of a limit. */
  private static final int ALL = Integer.MAX_VALUE;

  /** The values that are kept, of all datasets together. */
  private static final long ROOM = 2_000_000;

  /** More values are not read at once. */
  private static final long MOST_VALUES = 500_000;

  /** A dataset of fewer values, columns and bytes is read whole. Its texts may be long. */
  private static final long SMALL = 50_000;

  /** The columns of the selections that are kept. */
  private static final long MOST_COLUMNS = 5_000;

  private static final int FEW_COLUMNS = 64;
  private static final long FEW_BYTES = 4 << 20;

  /** Texts count for their characters, eight as one value, and for the objects that hold them. */
  private static final int CHARACTERS = 8;

  private static final int TEXT = 6;

  private final DatasetRows source;
  private final LastUsed<List<Object>, List<Rows>> kept =
      new LastUsed<>(KEPT, ROOM, KeptRows::values);

  /** Counted by their columns, whose profiles have at most some twenty values. */
  private final LastUsed<List<Object>, Selected> selected =
      new LastUsed<>(KEPT, MOST_COLUMNS, each -> each.columns().size());

  private final LastUsed<List<Object>, List<String>> distinct =
      new LastUsed<>(KEPT, MOST_VALUES, KeptRows::size);

  KeptRows(DatasetRows source) {
    this.source = source;
  }

  @Override
  public Selected select(DatasetVersion version, @Nullable String where, List<String> columns) {
    return selected.get(key(version, where, columns), () -> source.select(version, where, columns));
  }

  @Override
  public List<String> distinct(
      DatasetVersion version, @Nullable String where, String column, int least, int limit) {
    return distinct.get(
        key(version, where, List.of(column, least, limit)),
        () -> source.distinct(version, where, column, least, limit));
  }

  private static List<Object> key(DatasetVersion version, @Nullable String where, Object asked) {
    return List.of(version.reference(), version.createdAt(), where == null ? "" : where, asked);
  }

  @Override
  public void scan(
      DatasetVersion version, @Nullable String where, List<String> columns, Consumer<Rows> reader) {
    read(version, where, columns, ALL, reader);
  }

  @Override
  public void first(
      DatasetVersion version,
      @Nullable String where,
      List<String> columns,
      int limit,
      Consumer<Rows> reader) {
    read(version, where, columns, limit, reader);
  }

  private void read(
      DatasetVersion version,
      @Nullable String where,
      List<String> columns,
      int limit,
      Consumer<Rows> reader) {
    if (isSmall(version)) {
      List<String> all = version.columns().stream().map(Column::name).toList();
      for (Rows chunk : kept(version, where, all, ALL)) {
        int count = (int) Math.min(chunk.count(), limit - chunk.first());
        if (count > 0) {
          reader.accept(part(chunk, columns, count));
        }
      }
    } else if (values(version, columns, Math.min(limit, version.rows())) <= MOST_VALUES) {
      kept(version, where, columns, limit).forEach(reader);
    } else {
      readSource(version, where, columns, limit, reader);
    }
  }

  private List<Rows> kept(
      DatasetVersion version, @Nullable String where, List<String> columns, int limit) {
    return kept.get(
        key(version, where, List.of(columns, limit)),
        () -> {
          List<Rows> chunks = new ArrayList<>();
          readSource(version, where, columns, limit, chunks::add);
          return chunks;
        });
  }

  private void readSource(
      DatasetVersion version,
      @Nullable String where,
      List<String> columns,
      int limit,
      Consumer<Rows> reader) {
    if (limit == ALL) {
      source.scan(version, where, columns, reader);
    } else {
      source.first(version, where, columns, limit, reader);
    }
  }

  private static boolean isSmall(DatasetVersion version) {
    return version.columns().size() <= FEW_COLUMNS
        && version.bytes() <= FEW_BYTES
        && width(version.columns()) * version.rows() <= SMALL;
  }

  private static long values(DatasetVersion version, List<String> columns, long rows) {
    Set<String> read = Set.copyOf(columns);
    return rows * width(version.columns().stream().filter(c -> read.contains(c.name())).toList());
  }

  private static long width(List<Column> columns) {
    return columns.stream()
        .mapToLong(column -> column.shape() == null ? 1 : column.shape().elements())
        .sum();
  }

  private static long values(List<Rows> chunks) {
    long values = 0;
    for (Rows chunk : chunks) {
      for (ColumnValues column : chunk.columns().values()) {
        values += (long) chunk.count() * column.width();
        if (column instanceof ColumnValues.Texts texts) {
          values += size(Arrays.asList(texts.elements()));
        }
      }
    }
    return values;
  }

  private static long size(List<@Nullable String> texts) {
    long size = 0;
    for (String text : texts) {
      size += text == null ? 0 : TEXT + text.length() / CHARACTERS;
    }
    return size;
  }

  /** The first rows of a chunk, and some of its columns. */
  private static Rows part(Rows chunk, List<String> names, int count) {
    Map<String, ColumnValues> columns = new LinkedHashMap<>();
    for (String name : names) {
      ColumnValues values = chunk.column(name);
      columns.put(name, count == chunk.count() ? values : first(values, count));
    }
    return new Rows(chunk.first(), count, columns);
  }

  private static ColumnValues first(ColumnValues values, int count) {
    int elements = count * values.width();
    return switch (values) {
      case ColumnValues.Integers all ->
          new ColumnValues.Integers(
              Arrays.copyOf(all.elements(), elements),
              Arrays.copyOf(all.missing(), count),
              all.width());
      case ColumnValues.Numbers all ->
          new ColumnValues.Numbers(
              Arrays.copyOf(all.elements(), elements),
              Arrays.copyOf(all.missing(), count),
              all.width());
      case ColumnValues.Texts all -> new ColumnValues.Texts(Arrays.copyOf(all.elements(), count));
    };
  }
}
