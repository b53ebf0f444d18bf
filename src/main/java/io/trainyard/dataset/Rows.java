package io.trainyard.dataset;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A chunk of rows, column by column: read from a dataset or from a predict request.
 *
 * @param first the index of the chunk's first row among all rows read
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
