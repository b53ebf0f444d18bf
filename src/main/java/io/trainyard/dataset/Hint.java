package io.trainyard.dataset;

import java.util.List;

/**
 * Something odd about a data set's columns.
 *
 * @param code one of those below, and part of the contract
 * @param columns the columns it is about; of two, one gives the other away
 */
public record Hint(String code, List<String> columns, String detail) {
  public static final String CONSTANT = "constant_column";
  public static final String EMPTY = "empty_column";
  public static final String DUPLICATES = "duplicate_columns";
  public static final String ONE_TO_ONE = "one_to_one_columns";
  public static final String STRAIGHT = "linear_columns";
  public static final String NUMBERS_AS_TEXT = "numbers_as_text";

  public Hint {
    columns = List.copyOf(columns);
  }
}
