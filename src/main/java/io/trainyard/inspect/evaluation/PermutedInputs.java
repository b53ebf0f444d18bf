package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Batches in which one column has the values of other rows. A column of a window is moved as a
 * whole, and so are the elements of a category.
 *
 * @param inputs all rows as they are, by input
 */
record PermutedInputs(Map<String, InputEncoding> encodings, Map<String, HostTensor> inputs) {
  /** Rows {@code from} to {@code from + count} with their own values. */
  Map<String, HostTensor> asTheyAre(int from, int count) {
    return HostTensor.rows(inputs, from, count);
  }

  /**
   * Rows {@code from} to {@code from + count}.
   *
   * @param order the row whose values of the column each row has
   */
  Map<String, HostTensor> batch(String column, int[] order, int from, int count) {
    Map<String, HostTensor> batch = new LinkedHashMap<>();
    encodings.forEach(
        (name, encoding) -> {
          HostTensor all = inputs.get(name);
          if (all != null) {
            HostTensor rows = all.rows(from, count);
            batch.put(
                name,
                encoding.columnNames().contains(column)
                    ? permuted(all, rows, encoding, column, order, from)
                    : rows);
          }
        });
    return batch;
  }

  private static HostTensor permuted(
      HostTensor all, HostTensor rows, InputEncoding encoding, String column, int[] order, int at) {
    HostTensor copy = HostTensor.allocate(rows.type(), rows.shape());
    MemorySegment.copy(rows.data(), 0, copy.data(), 0, rows.bytes());
    int element = encoding.type().bytes();
    long row = (long) encoding.width() * element;
    long step = (long) encoding.rowWidth() * element;
    int count = rows.shape().axis(0);
    long offset = 0;
    for (ColumnEncoding each : encoding.columns()) {
      long width = (long) each.width() * element;
      if (each.column().equals(column)) {
        for (int i = 0; i < count; i++) {
          for (int s = 0; s < encoding.rows(); s++) {
            long inRow = s * step + offset;
            MemorySegment.copy(
                all.data(), order[at + i] * row + inRow, copy.data(), i * row + inRow, width);
          }
        }
      }
      offset += width;
    }
    return copy;
  }
}
