package io.trainyard.dataset;

import java.util.List;

/**
 * A likely problem with the columns of a dataset.
 *
 * @param code one of the constants; part of the API
 * @param columns the columns concerned; in a pair, one determines the other
 */
public record Hint(String code, List<String> columns, String detail) {
  public static final String CONSTANT = "constant_column";
  public static final String EMPTY = "empty_column";
  public static final String DUPLICATES = "duplicate_columns";
  public static final String ONE_TO_ONE = "one_to_one_columns";
  public static final String STRAIGHT = "linear_columns";
  public static final String NUMBERS_AS_TEXT = "numbers_as_text";
  public static final String LEADING_ZEROS = "leading_zeros";

  public Hint {
    columns = List.copyOf(columns);
  }
}
