package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Columns;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.UnknownColumn;
import io.trainyard.error.Violations;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The column that says to which group, or to which part, a row belongs. An input of all columns
 * leaves it out.
 *
 * @param unused the column that no input gets; null when there is none
 */
record SplitColumn(@Nullable String unused) {
  /**
   * Checks the column of a split by group or by column.
   *
   * @param columns of the selected rows
   * @param dataset all columns
   */
  static SplitColumn of(
      SplitSpec split,
      List<Column> columns,
      List<Column> dataset,
      ModelSpec model,
      Violations violations) {
    String name = split.column();
    if (name == null) {
      return new SplitColumn(null);
    }
    boolean isParts = split.by() == SplitSpec.By.COLUMN;
    String at = "/dataset/split/" + split.by().word();
    Column column = Columns.of(columns).find(name).orElse(null);
    if (column == null) {
      UnknownColumn.violate(name, dataset, at, violations);
      return new SplitColumn(null);
    }
    if (!fits(column, split)) {
      violations.add(
          at,
          "Column '%s' is a %s; %s was expected"
              .formatted(
                  name,
                  column.type().word(),
                  isParts
                      ? "a string that says training, validation or test"
                      : "one value per row, the same for all rows of a group,"));
    }
    Set<String> named = model.columns();
    if (isParts && named.contains(name)) {
      violations.add(
          at,
          "Column '%s' says the part of each row, so it cannot be an input or a target too: leave it out of the model"
              .formatted(name));
    }
    boolean isOfWindows =
        model.inputs().values().stream()
            .map(InputSpec::window)
            .anyMatch(window -> window != null && window.columns().contains(name));
    return new SplitColumn(named.contains(name) || isOfWindows ? null : name);
  }

  /** Whether the rows can be split by the column. */
  static boolean fits(@Nullable Column column, SplitSpec split) {
    return column != null
        && (split.by() == SplitSpec.By.COLUMN
            ? column.type() == ColumnType.STRING
            : column.type() != ColumnType.TENSOR);
  }

  /** The columns that the model may read. */
  List<Column> leftIn(List<Column> columns) {
    return columns.stream().filter(column -> !column.name().equals(unused)).toList();
  }
}
