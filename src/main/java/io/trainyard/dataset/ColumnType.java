package io.trainyard.dataset;

import java.util.Locale;

/** The type of a column's values. */
public enum ColumnType {
  INTEGER,
  NUMBER,
  BOOLEAN,
  STRING,
  TIMESTAMP,
  TENSOR;

  /** Its name in JSON and in messages. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether its values are numbers, one for each row. */
  public boolean isNumber() {
    return this == INTEGER || this == NUMBER;
  }

  /** Whether its values are read as texts, which are categories and classes by themselves. */
  public boolean isText() {
    return this == STRING || this == BOOLEAN;
  }
}
