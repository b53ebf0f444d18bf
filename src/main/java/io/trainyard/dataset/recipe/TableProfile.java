package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.Columns;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of the rows that a job selects.
 *
 * @param columns profiled over the selected rows
 * @param others the columns of a dataset to validate on; empty without one
 * @param used columns that the split and the sample weights read, which are no features
 * @param validates whether some rows are for validation
 */
public record TableProfile(
    long rows, List<Column> columns, List<Column> others, Set<String> used, boolean validates) {
  public TableProfile {
    columns = Columns.of(columns);
    others = Columns.of(others);
    used = Set.copyOf(used);
  }

  /** The same, with some rows held back for validation. */
  public TableProfile validating() {
    return new TableProfile(rows, columns, others, used, true);
  }

  Optional<Column> column(String name) {
    return Columns.of(columns).find(name);
  }

  /** How many different values a column has, in all rows of both datasets. */
  long distinct(Column column) {
    List<String> labels = column.profile().labels();
    ColumnProfile other = Columns.of(others).find(column.name()).map(Column::profile).orElse(null);
    if (other == null) {
      return column.profile().distinct();
    }
    if (labels == null || other.labels() == null) {
      return Math.max(column.profile().distinct(), other.distinct());
    }
    Set<String> all = new HashSet<>(labels);
    all.addAll(other.labels());
    return all.size();
  }

  /** Whether a column has missing values. */
  boolean hasMissing(Column column) {
    return column.profile().nulls() > 0
        || Columns.of(others)
            .find(column.name())
            .filter(other -> other.profile().nulls() > 0)
            .isPresent();
  }
}
