package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Warns of a split by file order whose last rows all have the same label. */
final class SortedLabels {
  private final String column;
  private final Set<String> seen = new HashSet<>();
  private String last = "";
  private boolean returns;

  private SortedLabels(String column) {
    this.column = column;
  }

  static List<Warning> of(
      Encoding encoding, DatasetSelection selection, DatasetVersion version, DatasetRows rows) {
    SplitSpec split = selection.split();
    if (split.by() != SplitSpec.By.FILE_ORDER || split.validation() + split.test() == 0) {
      return List.of();
    }
    List<Warning> warnings = new ArrayList<>();
    for (TargetEncoding target : encoding.targets().values()) {
      if (target instanceof TargetEncoding.ClassTarget labels) {
        SortedLabels sorted = new SortedLabels(labels.column());
        rows.scan(version, selection.where(), List.of(labels.column()), sorted::read);
        if (!sorted.returns && sorted.seen.size() > 1) {
          warnings.add(
              new Warning(
                  "/dataset/split/by",
                  "sorted_labels",
                  "The rows are sorted by '%s', so the last ones, which are not trained on, have other labels than the first: leave 'by' out, or add \"stratify\": \"%1$s\""
                      .formatted(labels.column())));
        }
      }
    }
    return warnings;
  }

  private void read(Rows chunk) {
    ColumnValues values = chunk.column(column);
    for (int row = 0; row < chunk.count() && !returns; row++) {
      String label = values.isMissing(row) ? "" : values.label(row);
      if (!label.equals(last)) {
        returns = !seen.add(label);
        last = label;
      }
    }
  }
}
