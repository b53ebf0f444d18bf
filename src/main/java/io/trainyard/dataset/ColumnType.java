package io.trainyard.dataset;

/** The type of a column's values. */
public enum ColumnType {
  INTEGER,
  NUMBER,
  BOOLEAN,
  STRING,
  TIMESTAMP,
  TENSOR
}
