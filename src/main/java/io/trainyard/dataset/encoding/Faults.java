package io.trainyard.dataset.encoding;

/** Receives the values that cannot be encoded. */
@FunctionalInterface
public interface Faults {
  void add(int row, String column, String detail);
}
