package io.trainyard.dataset;

/** Where encoding reports a value that it cannot take. */
@FunctionalInterface
interface Faults {
  void add(int row, String column, String detail);
}
