package io.trainyard.store.table;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The tensors of one column in one row group of a Parquet file: lists of 64-bit integers or
 * doubles. Whole numbers from 0 to 255, as pixels are, take one byte each: it is their place in a
 * dictionary of 0, 1, 2, … The levels of a list say 2 for an element, 0 for a missing list, and
 * whether an element continues a list.
 */
public final class TensorChunk {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int MAX_BYTES = 1 << 30;
  private static final int BYTE_VALUES = 256;

  /** Values that are their own places in the dictionary; the format packs eight in a group. */
  private static final int GROUP = 8;

  private final boolean whole;
  private final int width;
  private final TensorStatistics statistics = new TensorStatistics();
  private final BitSet missing = new BitSet();
  private byte[] data = new byte[0];
  private int elementBytes;
  private int size;
  private int rows;
  private int largest;

  /**
   * @param whole whether the elements are integers
   * @param width the elements of one row
   */
  TensorChunk(boolean whole, int width) {
    this.whole = whole;
    this.width = width;
    this.elementBytes = whole ? 1 : Double.BYTES;
  }

  /** The profile of all rows so far, those of earlier groups included. */
  ColumnProfile profile() {
    return statistics.profile();
  }

  long bytes() {
    return size;
  }

  /** Whether the elements are places in a dictionary. */
  boolean usesDictionary() {
    return elementBytes == 1;
  }

  public void addMissing() {
    missing.set(rows++);
    statistics.addMissing();
  }

  /** Adds a row of bytes without sign. */
  public void add(byte[] elements, int from) {
    statistics.add(elements, from, width);
    reserve();
    for (int i = 0; i < width; i++) {
      int element = elements[from + i] & 0xff;
      largest = Math.max(largest, element);
      if (elementBytes != 1) {
        LONGS.set(data, size + i * Long.BYTES, (long) element);
      }
    }
    if (elementBytes == 1) {
      System.arraycopy(elements, from, data, size, width);
    }
    endRow();
  }

  /** Adds a row of whole numbers. */
  public void add(long[] elements, int from) {
    statistics.add(elements, from, width);
    if (elementBytes == 1 && !areBytes(elements, from)) {
      widen();
    }
    reserve();
    for (int i = 0; i < width; i++) {
      long element = elements[from + i];
      if (elementBytes == 1) {
        data[size + i] = (byte) element;
        largest = Math.max(largest, (int) element);
      } else {
        LONGS.set(data, size + i * Long.BYTES, element);
      }
    }
    endRow();
  }

  /** Adds a row of numbers. */
  public void add(double[] elements, int from) {
    statistics.add(elements, from, width);
    reserve();
    for (int i = 0; i < width; i++) {
      LONGS.set(data, size + i * Double.BYTES, Double.doubleToRawLongBits(elements[from + i]));
    }
    endRow();
  }

  private boolean areBytes(long[] elements, int from) {
    long all = 0;
    for (int i = 0; i < width; i++) {
      all |= elements[from + i];
    }
    return (all & -BYTE_VALUES) == 0;
  }

  /** From here on each element of the group takes eight bytes. */
  private void widen() {
    byte[] wide = new byte[capacity((long) size * Long.BYTES)];
    for (int i = 0; i < size; i++) {
      LONGS.set(wide, i * Long.BYTES, data[i] & 0xffL);
    }
    data = wide;
    size *= Long.BYTES;
    elementBytes = Long.BYTES;
  }

  private void reserve() {
    long needed = size + (long) width * elementBytes;
    if (needed > data.length) {
      data = Arrays.copyOf(data, capacity(Math.max(needed, Math.min(2L * data.length, MAX_BYTES))));
    }
  }

  private static int capacity(long needed) {
    if (needed > MAX_BYTES) {
      throw new ServiceException(
          ErrorCode.INVALID_ROWS,
          "A row has tensors of more than %d MB in one column".formatted(MAX_BYTES >> 20));
    }
    return (int) needed;
  }

  private void endRow() {
    size += width * elementBytes;
    rows++;
  }

  /** How many levels the page has: one for each element, and one for each missing row. */
  int levels() {
    return Math.toIntExact((long) (rows - missing.cardinality()) * width + missing.cardinality());
  }

  /** The numbers 0, 1, 2, … up to the largest element, in the encoding PLAIN. */
  byte[] dictionary() {
    byte[] dictionary = new byte[(largest + 1) * Long.BYTES];
    for (int i = 0; i <= largest; i++) {
      LONGS.set(dictionary, i * Long.BYTES, (long) i);
    }
    return dictionary;
  }

  /** What precedes the elements in a page: the levels, and the head of their only packed run. */
  byte[] head() {
    Runs repetition = new Runs();
    Runs definition = new Runs();
    for (int row = 0; row < rows; row++) {
      repetition.add(0, 1);
      if (missing.get(row)) {
        definition.add(0, 1);
      } else {
        repetition.add(1, width - 1);
        definition.add(2, width);
      }
    }
    byte[] repetitions = repetition.take();
    byte[] definitions = definition.take();
    ThriftCompact run = new ThriftCompact();
    if (usesDictionary()) {
      run.varint(Byte.SIZE);
      run.varint(((size + GROUP - 1L) / GROUP) << 1 | 1);
    }
    byte[] packed = run.take();
    return ByteBuffer.allocate(
            2 * Integer.BYTES + repetitions.length + definitions.length + packed.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(repetitions.length)
        .put(repetitions)
        .putInt(definitions.length)
        .put(definitions)
        .put(packed)
        .array();
  }

  /** Levels as runs of equal ones, each a length and a level. */
  private static final class Runs {
    private final ThriftCompact runs = new ThriftCompact();
    private int level;
    private long length;

    void add(int next, int count) {
      if (count == 0) {
        return;
      }
      if (next != level) {
        end();
        level = next;
      }
      length += count;
    }

    private void end() {
      if (length > 0) {
        runs.varint(length << 1);
        runs.varint(level);
      }
      length = 0;
    }

    byte[] take() {
      end();
      return runs.take();
    }
  }

  /** The elements; the last group of packed ones is filled up. */
  byte[] data() {
    return data;
  }

  int size() {
    return size;
  }

  /** Bytes after the elements that fill the last packed group. */
  int padding() {
    return usesDictionary() ? (GROUP - size % GROUP) % GROUP : 0;
  }

  /** Starts the next row group; keeps the array only if it has at most {@code kept} bytes. */
  void clear(int kept) {
    if (data.length > kept || elementBytes != (whole ? 1 : Double.BYTES)) {
      data = new byte[0];
    }
    elementBytes = whole ? 1 : Double.BYTES;
    missing.clear();
    size = 0;
    rows = 0;
    largest = 0;
  }
}
