package io.trainyard.dataset;

import io.trainyard.dataset.ColumnValues.Integers;
import io.trainyard.dataset.ColumnValues.Numbers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

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
    Map<String, Range> ranges = new LinkedHashMap<>();
    names.forEach(name -> ranges.put(name, new Range()));
    scan(rows, version, ranges);
    ranges.forEach(
        (name, range) -> {
          if (range.min <= range.max) {
            histograms.put(name, new Histogram(range.min, range.max));
          }
        });
    Map<String, DoubleConsumer> readers = new LinkedHashMap<>();
    histograms.forEach((name, histogram) -> readers.put(name, histogram::add));
    scan(rows, version, readers);
    return histograms;
  }

  private static final class Range implements DoubleConsumer {
    private double min = Double.MAX_VALUE;
    private double max = -Double.MAX_VALUE;

    @Override
    public void accept(double value) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }

  private static boolean isSpread(ColumnType type) {
    return switch (type) {
      case INTEGER, NUMBER, TIMESTAMP -> true;
      case BOOLEAN, STRING, TENSOR -> false;
    };
  }

  /** Gives each reader the finite values of its column. */
  private static void scan(
      DatasetRows rows, DatasetVersion version, Map<String, ? extends DoubleConsumer> readers) {
    if (readers.isEmpty()) {
      return;
    }
    rows.scan(
        version,
        null,
        List.copyOf(readers.keySet()),
        chunk -> readers.forEach((name, reader) -> read(chunk.column(name), chunk, reader)));
  }

  private static void read(ColumnValues values, Rows chunk, DoubleConsumer reader) {
    for (int row = 0; row < chunk.count(); row++) {
      double value = values.isMissing(row) ? Double.NaN : number(values, row);
      if (Double.isFinite(value)) {
        reader.accept(value);
      }
    }
  }

  private static double number(ColumnValues values, int row) {
    return switch (values) {
      case Integers integers -> integers.elements()[row];
      case Numbers numbers -> numbers.elements()[row];
      case ColumnValues.Texts _ -> Double.NaN;
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
