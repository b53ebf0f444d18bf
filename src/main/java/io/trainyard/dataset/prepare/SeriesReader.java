package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the columns that group and order rows, and cuts the windows. */
final class SeriesReader {
  private final Windowing windowing;

  SeriesReader(Windowing windowing) {
    this.windowing = windowing;
  }

  /**
   * The series in the rows, each split by itself; where a column decides, a series may have
   * stretches of several parts.
   */
  Series read(SelectedRows from, int rows, SplitSpec split, long seed) {
    Violations violations = new Violations();
    int[] labels = SplitLabels.read(from, rows, split, violations);
    violations.throwIfAny();
    byte[] given = labels == null ? null : Split.subsets(rows, split, seed, labels);
    return read(from, rows, split, given);
  }

  /**
   * The series in the rows.
   *
   * @param given the subset of each row; null where each series is split by itself
   */
  Series read(SelectedRows from, int rows, SplitSpec split, byte @Nullable [] given) {
    List<String> names = windowing.columns();
    String group = windowing.longest().group();
    String order = windowing.longest().orderBy();
    int[] groups = group == null ? null : new int[rows];
    long[] keys = order == null ? null : new long[rows];
    if (!names.isEmpty()) {
      Strata series = new Strata();
      from.scan(
          names,
          chunk -> {
            if (group != null && groups != null) {
              series.add(chunk, group, groups);
            }
            if (order != null && keys != null) {
              addKeys(chunk, order, keys);
            }
          });
    }
    return Series.of(rows, windowing, split, groups, keys, given);
  }

  private static void addKeys(Rows chunk, String order, long[] keys) {
    ColumnValues values = chunk.column(order);
    for (int row = 0; row < chunk.count(); row++) {
      keys[(int) chunk.first() + row] =
          values instanceof ColumnValues.Integers whole
              ? whole.elements()[row]
              : Series.key(InputEncoding.element(values, row));
    }
  }
}
