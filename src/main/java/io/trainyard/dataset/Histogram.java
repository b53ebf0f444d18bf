package io.trainyard.dataset;

import io.trainyard.dataset.ColumnValues.Integers;
import io.trainyard.dataset.ColumnValues.Numbers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a column are spread: bins of equal width from the smallest to the largest
 * value, each with its lower edge, the last one with its upper edge too, as numpy.histogram counts.
 * One value alone is one bin. Timestamps are microseconds since 1970.
 */
public final class Histogram {
  /** The most bins. */
  public static final int BINS = 20;

  private final double min;
  private final double max;
  private final long[] counts;

  private Histogram(double min, double max) {
    this.min = min;
    this.max = max;
    this.counts = new long[min == max ? 1 : BINS];
  }

  /** The histograms of the columns that have finite numbers or times, by name. */
  public static Map<String, Histogram> of(DatasetRows rows, DatasetVersion version) {
    List<String> names =
        version.columns().stream()
            .filter(column -> isSpread(column.type()) && column.shape() == null)
            .map(Column::name)
            .toList();
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    if (names.isEmpty()) {
      return histograms;
    }
    Map<String, double[]> ranges = new LinkedHashMap<>();
    names.forEach(name -> ranges.put(name, new double[] {Double.MAX_VALUE, -Double.MAX_VALUE}));
    scan(
        rows,
        version,
        names,
        (name, value) -> {
          double[] range = Objects.requireNonNull(ranges.get(name));
          range[0] = Math.min(range[0], value);
          range[1] = Math.max(range[1], value);
        });
    ranges.forEach(
        (name, range) -> {
          if (range[0] <= range[1]) {
            histograms.put(name, new Histogram(range[0], range[1]));
          }
        });
    scan(
        rows,
        version,
        names,
        (name, value) -> Objects.requireNonNull(histograms.get(name)).add(value));
    return histograms;
  }

  private static boolean isSpread(ColumnType type) {
    return switch (type) {
      case INTEGER, NUMBER, TIMESTAMP -> true;
      case BOOLEAN, STRING, TENSOR -> false;
    };
  }

  /** Takes a finite value of a column. */
  private interface Taker {
    void take(String column, double value);
  }

  private static void scan(
      DatasetRows rows, DatasetVersion version, List<String> names, Taker taker) {
    Consumer<Rows> reader =
        chunk ->
            names.forEach(
                name -> {
                  ColumnValues values = chunk.column(name);
                  for (int row = 0; row < chunk.count(); row++) {
                    Double value = values.isMissing(row) ? null : number(values, row);
                    if (value != null && Double.isFinite(value)) {
                      taker.take(name, value);
                    }
                  }
                });
    rows.scan(version, null, names, reader);
  }

  private static @Nullable Double number(ColumnValues values, int row) {
    return switch (values) {
      case Integers integers -> (Double) (double) integers.elements()[row];
      case Numbers numbers -> (Double) numbers.elements()[row];
      case ColumnValues.Texts _ -> null;
    };
  }

  private void add(double value) {
    // In halves: the difference of the largest numbers is not finite.
    double part = (value / 2 - min / 2) / (max / 2 - min / 2);
    int bin = counts.length == 1 ? 0 : (int) (part * counts.length);
    // Rounding must not put a value beyond an edge.
    bin = Math.clamp(bin, 0, counts.length - 1);
    if (bin > 0 && value < edge(bin)) {
      bin--;
    } else if (bin < counts.length - 1 && value >= edge(bin + 1)) {
      bin++;
    }
    counts[bin]++;
  }

  private double edge(int bin) {
    double part = (double) bin / counts.length;
    return bin == counts.length ? max : min * (1 - part) + max * part;
  }

  /** One more than there are bins. */
  public double[] edges() {
    double[] edges = new double[counts.length + 1];
    Arrays.setAll(edges, this::edge);
    return edges;
  }

  public long[] counts() {
    return counts.clone();
  }
}
