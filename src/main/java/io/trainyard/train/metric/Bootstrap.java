package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Statistics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Says how sure the metrics of some rows are: they are computed again and again for as many rows
 * drawn from them with replacement, and the interval holds the middle of these values. Source:
 * Efron 1979, the percentile interval; the same rows give the same interval.
 *
 * @param most how often rows are drawn at most
 */
public record Bootstrap(int most) {
  public static final Bootstrap STANDARD = new Bootstrap(1000);

  /** The share of the values that an interval holds. */
  public static final double LEVEL = 0.95;

  /** Of the draws. */
  public static final long SEED = 0;

  private static final int LEAST = 100;

  /**
   * The outputs that the draws of some rows may have in all; more are drawn less often. Ten columns
   * of twenty groups take less than a minute.
   */
  private static final long DRAWN = 3_000_000;

  /** Of fewer rows the draws are too alike, and an interval would be too narrow. */
  private static final int LEAST_ROWS = 10;

  /** The largest share of draws for which a metric may be undefined. */
  private static final double MOST_UNDEFINED = 0.1;

  /**
   * How often some rows are drawn. That depends on them alone, not on what else is measured.
   *
   * @param outputs of all targets in each row
   */
  int resamples(int rows, long outputs) {
    return Math.clamp(DRAWN / Math.max(1, rows * outputs), Math.min(LEAST, most), most);
  }

  /**
   * The metrics of some rows.
   *
   * @param resamples how often the rows were drawn
   * @param values not a number where one is not defined, with the reason
   * @param intervals of the metrics that have one, the lower end first
   * @param without why other metrics have none
   */
  public record Metrics(
      int resamples,
      MeasuredValues values,
      Map<String, double[]> intervals,
      Map<String, String> without) {}

  /**
   * Measures some rows.
   *
   * @param sample of all rows
   * @param stopped asked before each draw
   */
  public Metrics measure(MeasuredRows.Sample sample, int[] rows, BooleanSupplier stopped) {
    MeasuredValues values = sample.of(rows);
    int resamples = resamples(rows.length, sample.outputs());
    Map<String, double[]> intervals = new LinkedHashMap<>();
    Map<String, String> without = new LinkedHashMap<>();
    Map<String, double[]> drawn = new LinkedHashMap<>();
    values
        .values()
        .forEach(
            (name, value) -> {
              if (Double.isNaN(value)) {
                without.put(name, "The metric is not defined");
              } else if (sample.isBiased(name)) {
                without.put(
                    name, "Draws of the same rows have a larger value than they, so none is given");
              } else if (rows.length < LEAST_ROWS) {
                without.put(name, "An interval needs at least %d rows".formatted(LEAST_ROWS));
              } else {
                drawn.put(name, new double[resamples]);
              }
            });
    if (!drawn.isEmpty()) {
      draw(sample, rows, drawn, stopped);
    }
    drawn.forEach(
        (name, each) -> {
          double[] defined =
              Arrays.stream(each).filter(value -> !Double.isNaN(value)).sorted().toArray();
          int undefined = each.length - defined.length;
          if (undefined > MOST_UNDEFINED * each.length) {
            without.put(
                name,
                "The metric is not defined in %d of %d draws of these rows"
                    .formatted(undefined, each.length));
          } else {
            intervals.put(name, ends(defined));
          }
        });
    return new Metrics(drawn.isEmpty() ? 0 : resamples, values, intervals, without);
  }

  private void draw(
      MeasuredRows.Sample sample,
      int[] rows,
      Map<String, double[]> drawn,
      BooleanSupplier stopped) {
    // Depends on the count of rows alone, not on what else is measured.
    Random random = new Random(SEED);
    int[] places = new int[rows.length];
    int resamples = resamples(rows.length, sample.outputs());
    for (int i = 0; i < resamples; i++) {
      if (stopped.getAsBoolean()) {
        throw new CancellationException();
      }
      for (int k = 0; k < places.length; k++) {
        places[k] = rows[random.nextInt(rows.length)];
      }
      Map<String, Double> values = sample.of(places).values();
      for (Map.Entry<String, double[]> each : drawn.entrySet()) {
        each.getValue()[i] = values.getOrDefault(each.getKey(), Double.NaN);
      }
    }
  }

  private static double[] ends(double[] sorted) {
    double outside = (1 - LEVEL) / 2;
    return new double[] {
      Statistics.quantile(sorted, outside), Statistics.quantile(sorted, 1 - outside)
    };
  }
}
