package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.TargetEncoding.ClassTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The class of each selected row. */
final class RowLabels {
  private final DatasetRows rows;

  RowLabels(DatasetRows rows) {
    this.rows = rows;
  }

  /** Takes the class of a row. */
  @FunctionalInterface
  interface Reader {
    void read(int row, int label);
  }

  /** Passes on all selected rows that have a class. */
  void read(DatasetVersion version, @Nullable String where, ClassTarget target, Reader reader) {
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
