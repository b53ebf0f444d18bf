package io.trainyard.predict.request;

import io.trainyard.predict.ByteBudget;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The encoded rows of a request, read block by block. Their memory is reserved as they come, so
 * that reading ends at the first row too many.
 */
final class InputRows {
  private final ByteBudget.Reservation memory;
  private final long rowBytes;
  private final List<Map<String, HostTensor>> blocks = new ArrayList<>();
  private int count;

  /**
   * @param rowBytes the encoded bytes of one row
   */
  InputRows(ByteBudget.Reservation memory, long rowBytes) {
    this.memory = memory;
    this.rowBytes = rowBytes;
  }

  /** How many rows were read. */
  int count() {
    return count;
  }

  /** Reserves memory for rows that follow. */
  void reserve(int rows) {
    memory.add(rows, rowBytes, "input");
    count += rows;
  }

  /** Adds rows for which memory was reserved, [rows, ...] by input. */
  void add(Map<String, HostTensor> block) {
    blocks.add(block);
  }

  /** All rows, [rows, ...] by input. */
  Map<String, HostTensor> all() {
    return blocks.size() == 1 ? blocks.getFirst() : HostTensor.joined(blocks);
  }
}
