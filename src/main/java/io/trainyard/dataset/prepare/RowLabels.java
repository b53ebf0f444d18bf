package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.TargetEncoding.ClassTarget;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The class of each selected row. Those of the last small datasets are kept, because a query costs
 * more than all else that a review of a small job does: the rows of a version never change.
 */
final class RowLabels {
  private static final int KEPT = 16;
  private static final long MOST_ROWS = 50_000;

  private final DatasetRows rows;
  private final LastUsed<List<Object>, int[]> kept =
      new LastUsed<>(KEPT, KEPT * MOST_ROWS, labels -> labels.length);

  RowLabels(DatasetRows rows) {
    this.rows = rows;
  }

  /** Takes the class of a row. */
  @FunctionalInterface
  interface Reader {
    void read(int row, int label);
  }

  /**
   * Passes on all rows that have a class.
   *
   * @param selected how many rows {@code where} selects
   */
  void read(
      DatasetVersion version,
      @Nullable String where,
      long selected,
      ClassTarget target,
      Reader reader) {
    if (selected > MOST_ROWS) {
      scan(version, where, target, reader);
      return;
    }
    int[] labels = kept(version, where, (int) selected, target);
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] >= 0) {
        reader.read(row, labels[row]);
      }
    }
  }

  private int[] kept(
      DatasetVersion version, @Nullable String where, int selected, ClassTarget target) {
    List<Object> key =
        List.of(
            version.reference(),
            version.createdAt(),
            where == null ? "" : where,
            target.column(),
            target.classes());
    return kept.get(
        key,
        () -> {
          int[] labels = new int[selected];
          Arrays.fill(labels, -1);
          scan(version, where, target, (row, label) -> labels[row] = label);
          return labels;
        });
  }

  private void scan(
      DatasetVersion version, @Nullable String where, ClassTarget target, Reader reader) {
    Map<String, Integer> places = new HashMap<>();
    target.classes().forEach(label -> places.put(label, places.size()));
    rows.scan(
        version,
        where,
        List.of(target.column()),
        (Rows chunk) -> {
          ColumnValues values = chunk.column(target.column());
          for (int row = 0; row < chunk.count(); row++) {
            Integer place = values.isMissing(row) ? null : places.get(values.label(row));
            if (place != null) {
              reader.read((int) chunk.first() + row, place);
            }
          }
        });
  }
}
