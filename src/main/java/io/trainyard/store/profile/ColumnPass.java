package io.trainyard.store.profile;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.store.duckdb.DuckDb;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.duckdb.DuckDBReadableVector;
import org.jspecify.annotations.Nullable;

/**
 * Profiles one column without tensors from its values, chunk by chunk. For wide tables: DuckDB
 * plans the aggregates of many columns in a time and a memory that grow with their square.
 */
final class ColumnPass {
  private final ColumnType type;
  private final ValueCounter values;
  private final Moments moments = new Moments();
  private final @Nullable QuantileSample quantiles;
  private long nulls;
  private long smallest = Long.MAX_VALUE;
  private long largest = Long.MIN_VALUE;
  private double smallestNumber = Double.POSITIVE_INFINITY;
  private double largestNumber = Double.NEGATIVE_INFINITY;
  private @Nullable String firstText;
  private @Nullable String lastText;

  /** Arrays for one chunk, which the columns use one after the other. */
  static final class Block {
    private static final int ROWS = 2048;

    private long[] wholes = new long[ROWS];
    private double[] numbers = new double[ROWS];

    void ensure(int rows) {
      if (rows > wholes.length) {
        wholes = new long[rows];
        numbers = new double[rows];
      }
    }
  }

  /**
   * Starts a pass.
   *
   * @param sample up to how many numbers quantiles are computed from; 0: no quantiles
   */
  ColumnPass(ColumnType type, ValueCounter.Limits limits, int sample) {
    this.type = type;
    this.values = new ValueCounter(limits);
    boolean numeric = type == ColumnType.INTEGER || type == ColumnType.NUMBER;
    this.quantiles = numeric && sample > 0 ? new QuantileSample(sample) : null;
  }

  /** The column in a query, in a type that {@link #add} reads. */
  static String expression(ColumnType type, String stored) {
    return type == ColumnType.TIMESTAMP ? "epoch_us(" + stored + ")" : stored;
  }

  void add(DuckDBReadableVector vector, int rows, Block block) {
    block.ensure(rows);
    switch (type) {
      case INTEGER -> wholes(vector, rows, block);
      case NUMBER -> numbers(vector, rows, block);
      case TIMESTAMP -> times(vector, rows);
      case BOOLEAN -> booleans(vector, rows);
      case STRING -> texts(vector, rows);
      case TENSOR -> throw new IllegalArgumentException("a tensor is not one value");
    }
  }

  private void wholes(DuckDBReadableVector vector, int rows, Block block) {
    int size = 0;
    for (int row = 0; row < rows; row++) {
      if (vector.isNull(row)) {
        nulls++;
        continue;
      }
      long whole = vector.getLong(row);
      addKey(whole);
      block.wholes[size] = whole;
      block.numbers[size++] = whole;
    }
    addBlock(block, size);
  }

  /** Adds the whole numbers of some rows; a bit of {@code present} is 0 where one is missing. */
  void add(long[] elements, long[] present, int rows, Block block) {
    block.ensure(rows);
    int size = 0;
    for (int row = 0; row < rows; row++) {
      if ((present[row >> 6] & 1L << row) == 0) {
        nulls++;
        continue;
      }
      addKey(elements[row]);
      block.wholes[size] = elements[row];
      block.numbers[size++] = elements[row];
    }
    addBlock(block, size);
  }

  /** Adds the numbers of some rows; a bit of {@code present} is 0 where one is missing. */
  void add(double[] elements, long[] present, int rows, Block block) {
    block.ensure(rows);
    int size = 0;
    for (int row = 0; row < rows; row++) {
      if ((present[row >> 6] & 1L << row) == 0) {
        nulls++;
      } else {
        block.numbers[size++] = addNumber(elements[row]);
      }
    }
    addBlock(block, size);
  }

  private void addBlock(Block block, int size) {
    if (type == ColumnType.INTEGER) {
      moments.add(block.wholes, block.numbers, size);
    } else {
      moments.add(block.numbers, size);
    }
    if (quantiles != null) {
      quantiles.add(block.numbers, size);
    }
  }

  private double addNumber(double element) {
    // Both zeros are one value.
    double number = element + 0.0;
    values.add(Double.doubleToRawLongBits(number));
    smallestNumber = Math.min(smallestNumber, number);
    largestNumber = Math.max(largestNumber, number);
    return number;
  }

  private void addKey(long key) {
    values.add(key);
    smallest = Math.min(smallest, key);
    largest = Math.max(largest, key);
  }

  private void numbers(DuckDBReadableVector vector, int rows, Block block) {
    int size = 0;
    for (int row = 0; row < rows; row++) {
      if (vector.isNull(row)) {
        nulls++;
      } else {
        block.numbers[size++] = addNumber(vector.getDouble(row));
      }
    }
    addBlock(block, size);
  }

  private void times(DuckDBReadableVector vector, int rows) {
    for (int row = 0; row < rows; row++) {
      if (vector.isNull(row)) {
        nulls++;
      } else {
        addKey(vector.getLong(row));
      }
    }
  }

  private void booleans(DuckDBReadableVector vector, int rows) {
    for (int row = 0; row < rows; row++) {
      if (vector.isNull(row)) {
        nulls++;
      } else {
        addKey(vector.getBoolean(row) ? 1 : 0);
      }
    }
  }

  private void texts(DuckDBReadableVector vector, int rows) {
    for (int row = 0; row < rows; row++) {
      if (vector.isNull(row)) {
        nulls++;
        continue;
      }
      String text = vector.getString(row);
      values.add(text);
      if (firstText == null || ColumnPass.compare(text, firstText) < 0) {
        firstText = text;
      }
      if (lastText == null || ColumnPass.compare(text, lastText) > 0) {
        lastText = text;
      }
    }
  }

  /** Texts in the order of their UTF-8 bytes, which is that of their code points. */
  static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      if (a.charAt(i) != b.charAt(i)) {
        return Integer.compare(rank(a.charAt(i)), rank(b.charAt(i)));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Surrogates, which stand for the highest code points, behind all other characters. */
  private static int rank(char unit) {
    return Character.isSurrogate(unit) ? unit + 0x10000 : unit;
  }

  ColumnStatistics statistics() {
    boolean numeric = type == ColumnType.INTEGER || type == ColumnType.NUMBER;
    return new ColumnStatistics(
        nulls,
        values.distinct(),
        extreme(smallest, smallestNumber, firstText),
        extreme(largest, largestNumber, lastText),
        0,
        numeric ? moments.mean() : null,
        numeric ? moments.std() : null,
        quantiles == null ? null : quantiles.quantiles());
  }

  private @Nullable Object extreme(long key, double number, @Nullable String text) {
    if (values.distinct() == 0) {
      return null;
    }
    return type == ColumnType.STRING
        ? text
        : type == ColumnType.NUMBER ? (Object) number : value(key);
  }

  private Object value(long key) {
    return switch (type) {
      case INTEGER -> key;
      case NUMBER -> Double.longBitsToDouble(key);
      case BOOLEAN -> key != 0;
      case TIMESTAMP -> Instant.EPOCH.plus(key, ChronoUnit.MICROS).toString();
      case STRING, TENSOR -> throw new IllegalStateException("no value of a key: " + type);
    };
  }

  /** The values by decreasing frequency, equally frequent ones in order; null if there are many. */
  @Nullable List<ColumnProfile.Top> counted() {
    List<ValueCounter.Counted> counted = values.counted();
    if (counted == null) {
      return null;
    }
    List<ValueCounter.Counted> sorted = new ArrayList<>(counted);
    sorted.sort(
        Comparator.comparingLong((ValueCounter.Counted c) -> -c.count())
            .thenComparing(this::order));
    return sorted.stream()
        .map(c -> new ColumnProfile.Top(c.text() == null ? value(c.key()) : c.text(), c.count()))
        .toList();
  }

  private int order(ValueCounter.Counted a, ValueCounter.Counted b) {
    if (a.text() != null && b.text() != null) {
      return compare(a.text(), b.text());
    }
    return type == ColumnType.NUMBER
        ? Double.compare(Double.longBitsToDouble(a.key()), Double.longBitsToDouble(b.key()))
        : Long.compare(a.key(), b.key());
  }

  /** The rows of a query, which the passes of its columns read. */
  static void read(DuckDb duck, String sql, List<ColumnPass> passes) throws SQLException {
    Block block = new Block();
    duck.chunks(
        sql,
        chunk -> {
          int rows = (int) chunk.rowCount();
          for (int i = 0; i < passes.size(); i++) {
            passes.get(i).add(chunk.vector(i), rows, block);
          }
        });
  }
}
