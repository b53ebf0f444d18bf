package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.Columns;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Scaling;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses columns whose numbers no job can encode: their scale learns nothing from the rows, and
 * their largest number becomes one that a 32-bit float cannot hold. A column whose scale is learned
 * is refused where its numbers are too far apart to learn from, or too far from the middle half.
 */
public final class NumberRange {
  private final Columns columns;
  private final long rows;
  private final Violations violations;

  /**
   * The rows of one dataset.
   *
   * @param columns profiled over the rows that are read
   * @param rows that a scale may be learned from
   */
  public NumberRange(List<Column> columns, long rows, Violations violations) {
    this.columns = Columns.of(columns);
    this.rows = rows;
    this.violations = violations;
  }

  /** Faults at the inputs and targets of a model. */
  public void check(Encoding encoding, String model) {
    encoding
        .inputs()
        .forEach((name, input) -> check(input, Violation.pointer(model + "/inputs", name)));
    encoding
        .targets()
        .forEach(
            (name, target) -> check(target.values(), Violation.pointer(model + "/targets", name)));
  }

  /** Faults at the dataset itself: one that is encoded beside that which the model learns from. */
  public void checkAll(Encoding encoding, String dataset) {
    encoding.inputs().values().forEach(input -> check(input, dataset));
    encoding.targets().values().forEach(target -> check(target.values(), dataset));
  }

  private void check(@Nullable InputEncoding input, String at) {
    if (input == null) {
      return;
    }
    for (ColumnEncoding each : input.columns()) {
      if (each instanceof ColumnEncoding.Numeric number && !number.isTime()) {
        columns.find(number.column()).ifPresent(column -> check(number, column, at));
      }
    }
  }

  private void check(ColumnEncoding.Numeric number, Column column, String at) {
    if (column.profile().min() instanceof Number min
        && column.profile().max() instanceof Number max
        && !fits(number, column, min.doubleValue(), max.doubleValue())) {
      violations.add(
          at,
          "Column '%s' has numbers from %s to %s, beyond what its encoding as 32-bit floats can hold; where they stand for missing values, name them in 'null_values' of the upload, else leave these rows out by 'where'; an input can take the scale \"quantile\""
              .formatted(column.name(), min, max));
    }
  }

  private boolean fits(ColumnEncoding.Numeric number, Column column, double min, double max) {
    double far = Math.max(Math.abs(min), Math.abs(max));
    if (number.learned() != null || !number.learns()) {
      float[] encoded = new float[number.width()];
      return number.encode(min, encoded, 0) && number.encode(max, encoded, 0);
    }
    // The largest number may be in a row that the scale is not learned from. Tiny quartiles, as of
    // p-values, are no fault of a number that a float holds.
    boolean fits = far <= Float.MAX_VALUE || far / spread(column) <= Float.MAX_VALUE;
    return switch (number.scaling()) {
      case Scaling.None(), Scaling.Divide _ -> far <= Float.MAX_VALUE;
      case Scaling.Standard() -> fits && Double.isFinite(far * far * rows);
      case Scaling.Unit(), Scaling.MinMax() -> fits && Double.isFinite(max - min);
      case Scaling.Robust() -> Double.isFinite(spread(column));
      case Scaling.Quantile() -> true;
    };
  }

  /** Between the quartiles of the column; 1 where they are equal or not known. */
  private static double spread(Column column) {
    Map<String, Double> quantiles = column.profile().quantiles();
    Double low = quantiles == null ? null : quantiles.get("0.25");
    Double high = quantiles == null ? null : quantiles.get("0.75");
    return low == null || high == null || low.equals(high) ? 1 : high - low;
  }
}
