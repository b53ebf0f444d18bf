package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
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
    columns = List.copyOf(columns);
    others = List.copyOf(others);
    used = Set.copyOf(used);
  }

  Optional<Column> column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** How many different values a column has, in all rows of both datasets. */
  long distinct(Column column) {
    List<String> labels = column.profile().labels();
    for (Column other : others) {
      if (other.name().equals(column.name())) {
        if (labels == null || other.profile().labels() == null) {
          return Math.max(column.profile().distinct(), other.profile().distinct());
        }
        Set<String> all = new HashSet<>(labels);
        all.addAll(other.profile().labels());
        return all.size();
      }
    }
    return column.profile().distinct();
  }

  /** Whether a column has missing values. */
  boolean hasMissing(Column column) {
    return column.profile().nulls() > 0
        || others.stream()
            .anyMatch(other -> other.name().equals(column.name()) && other.profile().nulls() > 0);
  }
}
