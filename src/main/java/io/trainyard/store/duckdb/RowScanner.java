package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.tensor.Shape;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in file order, chunk by chunk. DuckDB's chunks do not give access to lists, so the
 * elements of each tensor column come from a second query, read in step.
 */
public final class RowScanner {
  /** The approximate number of values passed to the reader at once. */
  private static final int VALUES = 1 << 19;

  /**
   * The most columns of a query. DuckDB needs tens of KiB for each, however few rows there are:
   * 20,000 columns of 30 rows took 1 GB at once, and 64 MB bear no 2,500.
   */
  private static final int QUERY_COLUMNS = 1_000;

  /** The most values of a table with more columns whose parts are read one after the other. */
  private static final int HELD_VALUES = 4 << 20;

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final boolean first;
  private final List<Column> columns;
  private final List<Integer> indices;

  /**
   * Scans these columns of a file.
   *
   * @param source what follows {@code from} in a query: the file, perhaps with a condition
   * @param rows the most rows that it has, or of which only the first are read
   * @param first whether the source may have more rows
   * @param indices where the columns are in the file
   */
  public RowScanner(
      DuckDb duck,
      String source,
      long rows,
      boolean first,
      List<Column> columns,
      List<Integer> indices) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.first = first;
    this.columns = columns;
    this.indices = indices;
  }

  public void scan(Consumer<Rows> reader) throws SQLException {
    if (columns.size() > QUERY_COLUMNS && rows * width() <= HELD_VALUES) {
      Rows held = readByParts();
      if (held.count() > 0) {
        reader.accept(held);
      }
    } else {
      stream(reader);
    }
  }

  private Rows readByParts() throws SQLException {
    int count = 0;
    Map<String, ColumnValues> values = new LinkedHashMap<>();
    for (int from = 0; from < columns.size(); from += QUERY_COLUMNS) {
      int to = Math.min(columns.size(), from + QUERY_COLUMNS);
      List<Column> part = columns.subList(from, to);
      List<Rows> chunks = new ArrayList<>();
      new RowScanner(duck, source, rows, first, part, indices.subList(from, to))
          .stream(chunks::add);
      if (chunks.isEmpty()) {
        break;
      }
      count = chunks.stream().mapToInt(Rows::count).sum();
      for (Column column : part) {
        values.put(
            column.name(), joined(chunks.stream().map(c -> c.column(column.name())).toList()));
      }
    }
    return new Rows(0, count, values);
  }

  private static ColumnValues joined(List<ColumnValues> parts) {
    int width = parts.getFirst().width();
    return switch (parts.getFirst()) {
      case ColumnValues.Integers _ ->
          new ColumnValues.Integers(
              parts.stream()
                  .flatMapToLong(part -> Arrays.stream(((ColumnValues.Integers) part).elements()))
                  .toArray(),
              missing(parts.stream().map(part -> ((ColumnValues.Integers) part).missing())),
              width);
      case ColumnValues.Numbers _ ->
          new ColumnValues.Numbers(
              parts.stream()
                  .flatMapToDouble(part -> Arrays.stream(((ColumnValues.Numbers) part).elements()))
                  .toArray(),
              missing(parts.stream().map(part -> ((ColumnValues.Numbers) part).missing())),
              width);
      case ColumnValues.Texts _ ->
          new ColumnValues.Texts(
              parts.stream()
                  .flatMap(part -> Arrays.stream(((ColumnValues.Texts) part).elements()))
                  .toArray(String[]::new));
    };
  }

  private static boolean[] missing(Stream<boolean[]> parts) {
    List<boolean[]> all = parts.toList();
    boolean[] joined = new boolean[all.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (boolean[] part : all) {
      System.arraycopy(part, 0, joined, at, part.length);
      at += part.length;
    }
    return joined;
  }

  private void stream(Consumer<Rows> reader) throws SQLException {
    List<String> selected = new ArrayList<>();
    selected.add("true");
    for (int i = 0; i < columns.size(); i++) {
      selected.add(expression(columns.get(i), IngestedTable.storedName(indices.get(i))));
    }
    List<Elements> tensors = new ArrayList<>();
    try {
      for (int i = 0; i < columns.size(); i++) {
        Shape shape = columns.get(i).shape();
        tensors.add(
            new Elements(shape == null ? null : elements(i, shape), columns.get(i).wholeNumbers()));
      }
      AtomicLong passed = new AtomicLong();
      int step = Math.max(1, VALUES / Math.max(1, width()));
      duck.chunks(
          "select " + String.join(", ", selected) + " from " + source + limit(),
          chunk -> {
            int count = (int) chunk.rowCount();
            long before = passed.getAndAdd(count);
            for (int from = 0; from < count; from += step) {
              RunningTask.checkCancelled();
              int to = Math.min(count, from + step);
              reader.accept(new Rows(before + from, to - from, read(chunk, from, to, tensors)));
            }
          });
    } finally {
      close(tensors);
    }
  }

  /** Closes all streams, even if one fails to close. */
  private static void close(List<Elements> tensors) throws SQLException {
    if (!tensors.isEmpty()) {
      try (Elements _ = tensors.getLast()) {
        close(tensors.subList(0, tensors.size() - 1));
      }
    }
  }

  private int width() {
    long width = 0;
    for (Column column : columns) {
      width += column.shape() == null ? 1 : column.shape().elements();
    }
    return (int) Math.min(Integer.MAX_VALUE, width);
  }

  private static String expression(Column column, String stored) {
    return switch (column.type()) {
      case INTEGER, NUMBER, BOOLEAN, STRING -> stored;
      case TIMESTAMP -> "epoch_us(" + stored + ")";
      case TENSOR -> stored + " is null";
    };
  }

  /** A missing tensor becomes zeros, so that elements and rows stay in step. */
  private ElementStream elements(int index, Shape shape) throws SQLException {
    String stored = IngestedTable.storedName(indices.get(index));
    String type = columns.get(index).wholeNumbers() ? "bigint" : "double";
    String zeros = "list_resize([0]::%1$s[], %2$d, 0::%1$s)".formatted(type, shape.elements());
    return ElementStream.open(
        duck,
        "select unnest(coalesce(%1$s, %2$s)) from (select %1$s from %3$s%4$s)"
            .formatted(stored, zeros, source, limit()));
  }

  /** Behind the columns that are read: a query that names 20,000 first takes a second. */
  private String limit() {
    return first ? " limit " + rows : "";
  }

  private Map<String, ColumnValues> read(
      DuckDBDataChunkReader chunk, int from, int to, List<Elements> tensors) throws SQLException {
    Map<String, ColumnValues> values = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      DuckDBReadableVector vector = chunk.vector(i + 1);
      Column column = columns.get(i);
      values.put(
          column.name(),
          switch (column.type()) {
            case INTEGER, TIMESTAMP -> integers(vector, from, to);
            case NUMBER -> numbers(vector, from, to);
            case BOOLEAN, STRING -> texts(vector, column.type(), from, to);
            case TENSOR -> tensors.get(i).read(vector, column.shape(), from, to);
          });
    }
    return values;
  }

  private static ColumnValues integers(DuckDBReadableVector vector, int from, int to) {
    long[] elements = new long[to - from];
    boolean[] missing = new boolean[to - from];
    for (int row = from; row < to; row++) {
      if (vector.isNull(row)) {
        missing[row - from] = true;
      } else {
        elements[row - from] = vector.getLong(row);
      }
    }
    return new ColumnValues.Integers(elements, missing, 1);
  }

  private static ColumnValues numbers(DuckDBReadableVector vector, int from, int to) {
    double[] elements = new double[to - from];
    boolean[] missing = new boolean[to - from];
    for (int row = from; row < to; row++) {
      if (vector.isNull(row)) {
        missing[row - from] = true;
      } else {
        elements[row - from] = vector.getDouble(row);
      }
    }
    return new ColumnValues.Numbers(elements, missing, 1);
  }

  private static ColumnValues texts(
      DuckDBReadableVector vector, ColumnType type, int from, int to) {
    @Nullable String[] elements = new @Nullable String[to - from];
    for (int row = from; row < to; row++) {
      if (!vector.isNull(row)) {
        elements[row - from] =
            type == ColumnType.BOOLEAN
                ? Boolean.toString(vector.getBoolean(row))
                : vector.getString(row);
      }
    }
    return new ColumnValues.Texts(elements);
  }

  /** The elements of a tensor column; without a stream for any other column. */
  private record Elements(@Nullable ElementStream stream, boolean whole) implements AutoCloseable {
    ColumnValues read(DuckDBReadableVector isNull, @Nullable Shape shape, int from, int to)
        throws SQLException {
      if (stream == null || shape == null) {
        throw new IllegalStateException("a tensor column without elements");
      }
      int width = (int) shape.elements();
      boolean[] missing = new boolean[to - from];
      for (int row = from; row < to; row++) {
        missing[row - from] = isNull.getBoolean(row);
      }
      int count = Math.multiplyExact(to - from, width);
      return whole
          ? new ColumnValues.Integers(stream.longs(count), missing, width)
          : new ColumnValues.Numbers(stream.doubles(count), missing, width);
    }

    @Override
    public void close() throws SQLException {
      if (stream != null) {
        stream.close();
      }
    }
  }

  /** A query of one column of numbers, read as one sequence on a separate connection. */
  private static final class ElementStream implements AutoCloseable {
    private final DuckDb duck;
    private final DuckDBConnection connection;
    private final DuckDBPreparedStatement statement;
    private final DuckDBChunkedResult result;
    private @Nullable DuckDBReadableVector vector;
    private long at;
    private long available;

    private ElementStream(
        DuckDb duck, DuckDBConnection connection, DuckDBPreparedStatement statement)
        throws SQLException {
      this.duck = duck;
      this.connection = connection;
      this.statement = statement;
      this.result = duck.interruptible(statement, statement::query);
    }

    static ElementStream open(DuckDb duck, String sql) throws SQLException {
      DuckDBConnection connection = duck.connection().duplicate();
      try {
        DuckDBPreparedStatement statement = connection.prepare(sql);
        try {
          return new ElementStream(duck, connection, statement);
        } catch (SQLException | RuntimeException e) {
          statement.close();
          throw e;
        }
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    }

    double[] doubles(int count) throws SQLException {
      double[] elements = new double[count];
      for (int i = 0; i < count; i++) {
        elements[i] = next().getDouble(at++);
      }
      return elements;
    }

    long[] longs(int count) throws SQLException {
      long[] elements = new long[count];
      for (int i = 0; i < count; i++) {
        elements[i] = next().getLong(at++);
      }
      return elements;
    }

    private DuckDBReadableVector next() throws SQLException {
      while (vector == null || at == available) {
        if (!duck.interruptible(statement, result::nextChunk)) {
          throw new SQLException("a tensor column ended early");
        }
        vector = result.chunk().vector(0);
        available = result.chunk().rowCount();
        at = 0;
      }
      return vector;
    }

    @Override
    public void close() throws SQLException {
      try (connection;
          statement;
          result) {
        vector = null;
      }
    }
  }
}
