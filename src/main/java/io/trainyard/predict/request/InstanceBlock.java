package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.RowLayout;
import io.trainyard.dataset.encoding.RowLayout.Input;
import io.trainyard.dataset.encoding.RowLayout.Place;
import io.trainyard.predict.ByteBudget;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The encoded rows of a request while they are read: a few in arrays of the heap, those before them
 * in the tensors.
 */
final class InstanceBlock {
  /** The most elements of a block, unless one row has more. */
  private static final int MOST = 1 << 14;

  private final ByteBudget.Reservation memory;

  private final List<Input> inputs;
  private final float[] @Nullable [] floats;
  private final long[] @Nullable [] longs;
  private final @Nullable HostTensor[] tensors;
  private final int mostRows;

  /** The rows that fit the arrays, that are in them, and that are in the tensors. */
  private int capacity;

  private int rows;
  private int stored;

  InstanceBlock(RowLayout layout, ByteBudget.Reservation memory) {
    this.memory = memory;
    this.inputs = layout.inputs();
    this.floats = new float[inputs.size()][];
    this.longs = new long[inputs.size()][];
    this.tensors = new HostTensor[inputs.size()];
    int widest = inputs.stream().mapToInt(Input::width).max().orElse(1);
    this.mostRows = Math.clamp(MOST / Math.max(1, widest), 1, MOST);
  }

  /**
   * Begins the next row, with zeros.
   *
   * @param expected the rows that the whole request may have
   */
  void next(long rowBytes, long expected) {
    memory.add(1, rowBytes, "input");
    if (rows == mostRows) {
      flush(expected);
    }
    if (rows == capacity) {
      capacity = (int) Math.min(mostRows, Math.max(expected, 2L * capacity));
      for (int i = 0; i < inputs.size(); i++) {
        int length = Math.multiplyExact(capacity, inputs.get(i).width());
        if (inputs.get(i).type() == ElementType.INT64) {
          longs[i] = longs[i] == null ? new long[length] : Arrays.copyOf(longs[i], length);
        } else {
          floats[i] = floats[i] == null ? new float[length] : Arrays.copyOf(floats[i], length);
        }
      }
    }
    rows++;
  }

  /** The array of an input of floats. */
  float @Nullable [] floats(int input) {
    return floats[input];
  }

  /**
   * The first element of a value of the current row.
   *
   * @param row in the window
   */
  int index(Place place, int row) {
    return (rows - 1) * inputs.get(place.input()).width()
        + (row - place.skipped()) * place.rowWidth()
        + place.at();
  }

  void set(Place place, int row, int at, float element) {
    floats[place.input()][index(place, row) + at] = element;
  }

  void set(Place place, int row, int at, long element) {
    longs[place.input()][index(place, row) + at] = element;
  }

  /** Moves the rows to the tensors and begins with no rows. */
  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that yields lets others run
  private void flush(long expected) {
    int total = stored + rows;
    for (int i = 0; i < inputs.size(); i++) {
      Input input = inputs.get(i);
      HostTensor tensor = tensors[i];
      if (tensor == null || tensor.shape().axis(0) < total) {
        int enough = Math.clamp(Math.max(expected, 2L * total), total, Integer.MAX_VALUE);
        HostTensor larger = memory.tensor(input.type(), input.shape().batched(enough));
        if (tensor != null) {
          larger.rows(0, stored).data().copyFrom(tensor.rows(0, stored).data());
        }
        tensors[i] = larger;
        tensor = larger;
      }
      copy(i, tensor.rows(stored, rows).data());
    }
    stored = total;
    rows = 0;
    Thread.yield(); // a single row of another caller waits for one block at most
  }

  private void copy(int i, MemorySegment to) {
    Input input = inputs.get(i);
    int count = rows * input.width();
    if (input.type() == ElementType.INT64) {
      if (input.move() != null) {
        input.move().apply(longs[i], rows);
      }
      MemorySegment.copy(longs[i], 0, to, ValueLayout.JAVA_LONG_UNALIGNED, 0, count);
      Arrays.fill(longs[i], 0);
    } else {
      if (input.move() != null) {
        input.move().apply(floats[i], rows);
      }
      MemorySegment.copy(floats[i], 0, to, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, count);
      Arrays.fill(floats[i], 0);
    }
  }

  /** All rows, [rows, ...] by input. */
  Map<String, HostTensor> finish() {
    if (stored > 0) {
      flush(stored + rows);
    } else {
      for (int i = 0; i < inputs.size(); i++) {
        Input input = inputs.get(i);
        tensors[i] = memory.tensor(input.type(), input.shape().batched(rows));
        copy(i, tensors[i].data());
      }
      stored = rows;
    }
    if (inputs.size() == 1) {
      return Map.of(inputs.getFirst().name(), tensors[0].rows(0, stored));
    }
    Map<String, HostTensor> all = LinkedHashMap.newLinkedHashMap(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      all.put(inputs.get(i).name(), tensors[i].rows(0, stored));
    }
    return all;
  }
}
