package io.trainyard.dataset;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Some rows, column by column: what training reads from a data set and what a predict request
 * becomes.
 *
 * @param first the index of the first of them among all rows read
 */
public record Rows(long first, int count, Map<String, ColumnValues> columns) {
  public Rows {
    columns = new LinkedHashMap<>(columns);
  }

  public ColumnValues column(String name) {
    ColumnValues values = columns.get(name);
    if (values == null) {
      throw new IllegalArgumentException("column '" + name + "' was not read");
    }
    return values;
  }
}
