package io.trainyard.dataset;

import java.util.List;

/**
 * Something odd about a data set's columns.
 *
 * @param code constant_column, empty_column or duplicate_columns
 * @param columns the columns it is about
 */
public record Hint(String code, List<String> columns, String detail) {
  public static final String CONSTANT = "constant_column";
  public static final String EMPTY = "empty_column";
  public static final String DUPLICATES = "duplicate_columns";

  public Hint {
    columns = List.copyOf(columns);
  }
}
