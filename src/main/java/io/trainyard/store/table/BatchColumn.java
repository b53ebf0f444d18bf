package io.trainyard.store.table;

import io.trainyard.dataset.ColumnType;
import io.trainyard.store.profile.RunningProfile;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Objects;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/** One column of a {@link RowBatch}. */
public abstract sealed class BatchColumn {
  /** One bit for each row, in DuckDB's layout: 1 for a value, 0 for a missing one. */
  final long[] present;

  private BatchColumn(int capacity) {
    present = new long[(capacity + 63) / 64];
  }

  static BatchColumn of(ColumnType type, int capacity) {
    return switch (type) {
      case INTEGER -> new Integers(capacity);
      case NUMBER -> new Numbers(capacity);
      case BOOLEAN -> new Booleans(capacity);
      case STRING, TIMESTAMP -> new Texts(capacity);
      case TENSOR -> throw new IllegalArgumentException("tensors are not written by row");
    };
  }

  public final void setMissing(int row) {
    present[row >> 6] &= ~(1L << row);
  }

  final void setPresent(int row) {
    present[row >> 6] |= 1L << row;
  }

  /** Writes the first rows to a vector. */
  abstract void writeTo(DuckDBWritableVector vector, int rows) throws SQLException;

  /** Shows the first rows to a profile, which looks at numbers. */
  void addTo(RunningProfile profile, int index, int rows) {}

  /** Adds the value of a row, which is present. */
  abstract void addTo(ColumnChunk chunk, int row);

  final boolean isMissing(int row) {
    return (present[row >> 6] & 1L << row) == 0;
  }

  /** Adds the first rows to a column of a file. */
  final void addRows(ColumnChunk chunk, int rows) {
    for (int row = 0; row < rows; row++) {
      if (isMissing(row)) {
        chunk.addMissing();
      } else {
        addTo(chunk, row);
      }
    }
  }

  public static final class Integers extends BatchColumn {
    final long[] elements;

    private Integers(int capacity) {
      super(capacity);
      elements = new long[capacity];
    }

    public void set(int row, long element) {
      elements[row] = element;
      setPresent(row);
    }

    @Override
    void addTo(RunningProfile profile, int index, int rows) {
      profile.add(index, elements, present, rows);
    }

    @Override
    void addTo(ColumnChunk chunk, int row) {
      chunk.addLong(elements[row]);
    }

    @Override
    void writeTo(DuckDBWritableVector vector, int rows) {
      VectorMemory.write(vector, elements, present, rows);
    }
  }

  public static final class Numbers extends BatchColumn {
    final double[] elements;

    private Numbers(int capacity) {
      super(capacity);
      elements = new double[capacity];
    }

    public void set(int row, double element) {
      elements[row] = element;
      setPresent(row);
    }

    @Override
    void addTo(RunningProfile profile, int index, int rows) {
      profile.add(index, elements, present, rows);
    }

    @Override
    void addTo(ColumnChunk chunk, int row) {
      chunk.addDouble(elements[row]);
    }

    @Override
    void writeTo(DuckDBWritableVector vector, int rows) {
      VectorMemory.write(vector, elements, present, rows);
    }
  }

  public static final class Booleans extends BatchColumn {
    private final boolean[] elements;

    private Booleans(int capacity) {
      super(capacity);
      elements = new boolean[capacity];
    }

    public void set(int row, boolean element) {
      elements[row] = element;
      setPresent(row);
    }

    @Override
    void addTo(ColumnChunk chunk, int row) {
      chunk.addBoolean(elements[row]);
    }

    @Override
    void writeTo(DuckDBWritableVector vector, int rows) {
      for (int row = 0; row < rows; row++) {
        if (isMissing(row)) {
          vector.setNull(row);
        } else {
          vector.setBoolean(row, elements[row]);
        }
      }
    }
  }

  public static final class Texts extends BatchColumn {
    private final byte[] @Nullable [] elements;

    private Texts(int capacity) {
      super(capacity);
      elements = new byte[capacity][];
    }

    public void set(int row, byte[] element) {
      elements[row] = element;
      setPresent(row);
    }

    @Override
    void addTo(ColumnChunk chunk, int row) {
      chunk.addText(Objects.requireNonNull(elements[row]));
      elements[row] = null;
    }

    @Override
    void writeTo(DuckDBWritableVector vector, int rows) {
      for (int row = 0; row < rows; row++) {
        if (isMissing(row)) {
          elements[row] = null;
        }
      }
      vector.setStringUtf8Batch(0, Arrays.copyOf(elements, rows));
      Arrays.fill(elements, null);
    }
  }
}
