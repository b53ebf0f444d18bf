package io.trainyard.dataset.encoding;

/** Receives the values that cannot be encoded. */
@FunctionalInterface
public interface EncodingFaults {
  void add(int row, String column, String detail);
}
