package io.trainyard.store.table;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/**
 * Writes numbers into DuckDB's vectors, a whole column at once. The driver's own setters take a
 * lock for every value, which costs as much as reading the value from its text; where the driver
 * hides its buffers better than today they are used all the same.
 */
public final class VectorMemory {
  private static final @Nullable MethodHandle DATA = buffer("data");
  private static final @Nullable MethodHandle VALIDITY = buffer("validity");

  private VectorMemory() {}

  private static @Nullable MethodHandle buffer(String field) {
    try {
      return MethodHandles.privateLookupIn(DuckDBWritableVector.class, MethodHandles.lookup())
          .findGetter(DuckDBWritableVector.class, field, ByteBuffer.class);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  /** Whether whole columns can be written at once. */
  public static boolean isDirect() {
    return DATA != null && VALIDITY != null;
  }

  public static void write(
      DuckDBWritableVector vector, double[] elements, long[] present, int rows) {
    ByteBuffer data = own(DATA, vector, (long) rows * Double.BYTES);
    if (data != null && writePresent(vector, present, rows)) {
      data.asDoubleBuffer().put(0, elements, 0, rows);
      return;
    }
    for (int row = 0; row < rows; row++) {
      if ((present[row >> 6] & 1L << row) == 0) {
        vector.setNull(row);
      } else {
        vector.setDouble(row, elements[row]);
      }
    }
  }

  public static void write(DuckDBWritableVector vector, long[] elements, long[] present, int rows) {
    ByteBuffer data = own(DATA, vector, (long) rows * Long.BYTES);
    if (data != null && writePresent(vector, present, rows)) {
      data.asLongBuffer().put(0, elements, 0, rows);
      return;
    }
    for (int row = 0; row < rows; row++) {
      if ((present[row >> 6] & 1L << row) == 0) {
        vector.setNull(row);
      } else {
        vector.setLong(row, elements[row]);
      }
    }
  }

  private static boolean writePresent(DuckDBWritableVector vector, long[] present, int rows) {
    int words = (rows + 63) / 64;
    ByteBuffer validity = own(VALIDITY, vector, (long) words * Long.BYTES);
    if (validity == null) {
      return false;
    }
    validity.asLongBuffer().put(0, present, 0, words);
    return true;
  }

  private static @Nullable ByteBuffer own(
      @Nullable MethodHandle getter, DuckDBWritableVector vector, long bytes) {
    if (getter == null) {
      return null;
    }
    try {
      ByteBuffer buffer = (ByteBuffer) getter.invokeExact(vector);
      return buffer != null && buffer.capacity() >= bytes
          ? buffer.duplicate().clear().order(ByteOrder.nativeOrder())
          : null;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
