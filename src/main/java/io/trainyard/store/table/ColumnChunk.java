package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.TimestampText;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The values of one column in one row group of a Parquet file: the present ones in the encoding
 * PLAIN, and a bit for each row that says whether it has a value.
 */
public final class ColumnChunk {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FIRST = 64;

  /** The page, with its header and compressed, is an array too. */
  private static final int MAX_BYTES = 1 << 30;

  private final ColumnType type;
  private byte[] data = new byte[FIRST];
  private byte[] present = new byte[8];
  private int size;
  private int rows;
  private int values;

  ColumnChunk(ColumnType type) {
    this.type = type;
  }

  int rows() {
    return rows;
  }

  int bytes() {
    return size + (rows + 7) / 8;
  }

  private void reserve(int more) {
    if (more > data.length - size) {
      data = Arrays.copyOf(data, capacity(data.length, (long) size + more));
    }
  }

  /** At least twice as much as before, and never more than {@link #MAX_BYTES}. */
  static int capacity(int before, long needed) {
    if (needed > MAX_BYTES) {
      throw new ServiceException(
          ErrorCode.INVALID_ROWS,
          "A table of many columns has more than %d MB of text in a few rows of one column"
              .formatted(MAX_BYTES >> 20));
    }
    return (int) Math.min(MAX_BYTES, Math.max(needed, 2L * before));
  }

  public void addMissing() {
    if (rows >> 3 == present.length) {
      present = Arrays.copyOf(present, present.length * 2);
    }
    rows++;
  }

  private void addPresent() {
    addMissing();
    present[(rows - 1) >> 3] |= (byte) (1 << ((rows - 1) & 7));
    values++;
  }

  /** Adds a whole number, or a time in microseconds since 1970. */
  public void addLong(long number) {
    reserve(Long.BYTES);
    LONGS.set(data, size, number);
    size += Long.BYTES;
    addPresent();
  }

  public void addDouble(double number) {
    addLong(Double.doubleToRawLongBits(number));
  }

  /** Eight truths share a byte, the first in its lowest bit. */
  public void addBoolean(boolean truth) {
    if ((values & 7) == 0) {
      reserve(1);
      data[size++] = 0;
    }
    if (truth) {
      data[size - 1] |= (byte) (1 << (values & 7));
    }
    addPresent();
  }

  /** Adds a text; a column of times takes the time that it means. */
  public void addText(byte[] utf8) {
    if (type == ColumnType.TIMESTAMP) {
      addLong(TimestampText.micros(utf8));
      return;
    }
    reserve(Integer.BYTES + utf8.length);
    INTS.set(data, size, utf8.length);
    System.arraycopy(utf8, 0, data, size + Integer.BYTES, utf8.length);
    size += Integer.BYTES + utf8.length;
    addPresent();
  }

  /** The content of a data page: length and runs of the present bits, then the values. */
  byte[] page() {
    ThriftCompact run = new ThriftCompact();
    int packed = values == rows ? 0 : (rows + 7) / 8;
    run.varint(packed == 0 ? (long) rows << 1 : ((long) packed << 1) | 1);
    byte[] header = run.take();
    int levels = header.length + Math.max(packed, 1);
    byte[] page = new byte[Integer.BYTES + levels + size];
    INTS.set(page, 0, levels);
    int at = Integer.BYTES;
    System.arraycopy(header, 0, page, at, header.length);
    at += header.length;
    if (packed == 0) {
      page[at++] = 1;
    } else {
      System.arraycopy(present, 0, page, at, packed);
      at += packed;
    }
    System.arraycopy(data, 0, page, at, size);
    return page;
  }

  /** Starts the next row group; keeps an array only if it has at most {@code kept} bytes. */
  void clear(int kept) {
    if (data.length > kept) {
      data = new byte[FIRST];
    }
    Arrays.fill(present, 0, (rows + 7) / 8, (byte) 0);
    size = 0;
    rows = 0;
    values = 0;
  }
}
