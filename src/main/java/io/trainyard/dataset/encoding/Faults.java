package io.trainyard.dataset.encoding;

/** Where encoding reports a value that it cannot take. */
@FunctionalInterface
public interface Faults {
  void add(int row, String column, String detail);
}
