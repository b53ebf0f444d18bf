package io.trainyard.store.table;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBWritableVector;

/**
 * Compares {@link VectorMemory} with the setters of DuckDB's driver: the time to write one double
 * into a vector, the median of several rounds in turns. Run by {@code src/bench/run vectors}.
 */
public final class VectorWriting {
  private static final int ROWS = 2048;
  private static final int CHUNKS = 1000;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 15;

  private VectorWriting() {}

  private interface Writer {
    void write(DuckDBWritableVector vector, double[] elements);
  }

  /** Takes no arguments. */
  public static void main(String[] args) throws SQLException {
    long[] present = new long[ROWS / Long.SIZE];
    Arrays.fill(present, -1);
    double[] direct = new double[ROUNDS];
    double[] setters = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      double first = time((vector, all) -> VectorMemory.write(vector, all, present, ROWS));
      double second = time(VectorWriting::set);
      if (round >= 0) {
        direct[round] = first;
        setters[round] = second;
      }
    }
    Arrays.sort(direct);
    Arrays.sort(setters);
    System.out.printf(
        Locale.ROOT,
        "JDK %s, ns for each double: VectorMemory %.2f   setters of the driver %.2f%n",
        System.getProperty("java.version"),
        direct[ROUNDS / 2],
        setters[ROUNDS / 2]);
  }

  private static void set(DuckDBWritableVector vector, double[] elements) {
    for (int row = 0; row < ROWS; row++) {
      vector.setDouble(row, elements[row]);
    }
  }

  private static double time(Writer writer) throws SQLException {
    Source source = new Source(writer);
    try (DuckDBConnection duck =
            DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
        var function = DuckDBFunctions.tableFunction();
        Statement statement = duck.createStatement()) {
      function.withName("numbers").withFunction(source).register(duck);
      statement.execute("select sum(c0) from numbers()");
    }
    return source.nanos / (double) (ROWS * CHUNKS);
  }

  /** A table of one column, which measures how long its vectors take to write. */
  private static final class Source implements DuckDBTableFunction<Object, Object, Object> {
    private final Writer writer;
    private final double[] elements = new Random(1).doubles(ROWS).toArray();
    private int chunks;
    private long nanos;

    Source(Writer writer) {
      this.writer = writer;
    }

    @Override
    public Object bind(DuckDBTableFunctionBindInfo info) {
      info.addResultColumn("c0", DuckDBColumnType.DOUBLE);
      return this;
    }

    @Override
    public Object init(DuckDBTableFunctionInitInfo info) {
      info.setMaxThreads(1);
      return this;
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter chunk)
        throws SQLException {
      if (chunks++ == CHUNKS) {
        return 0;
      }
      DuckDBWritableVector vector = chunk.vector(0);
      long begin = System.nanoTime();
      writer.write(vector, elements);
      nanos += System.nanoTime() - begin;
      return ROWS;
    }
  }
}
