package io.trainyard.dataset;

/** What a column holds. */
public enum ColumnType {
  INTEGER,
  NUMBER,
  BOOLEAN,
  STRING,
  TIMESTAMP,
  TENSOR
}
