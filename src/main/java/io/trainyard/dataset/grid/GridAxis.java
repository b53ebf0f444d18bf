package io.trainyard.dataset.grid;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.AxisSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A column and its values, which rise evenly. */
@SuppressWarnings("ArrayRecordComponent")
public record GridAxis(String column, double[] values) {
  private static final double MARGIN = 0.05;

  /** The values as asked, else over all of the data and a little more. */
  public static GridAxis of(
      AxisSpec asked, String at, int steps, @Nullable DatasetVersion data, Violations violations) {
    ColumnProfile profile =
        data == null ? null : data.column(asked.column()).map(Column::profile).orElse(null);
    Double min = asked.min();
    Double max = asked.max();
    double least =
        profile != null && profile.min() instanceof Number n ? n.doubleValue() : Double.NaN;
    double most =
        profile != null && profile.max() instanceof Number n ? n.doubleValue() : Double.NaN;
    double margin = most > least ? (most - least) * MARGIN : 0.5;
    double from = min == null ? least - margin : min;
    double to = max == null ? most + margin : max;
    if (!(from < to)) {
      violations.add(
          at,
          Double.isNaN(from) || Double.isNaN(to)
              ? "No dataset says which values '%1$s' has: give its range, {\"column\": \"%1$s\", \"min\": 0, \"max\": 1}"
                  .formatted(asked.column())
              : "The range from %s to %s has no values".formatted(from, to));
      return new GridAxis(asked.column(), new double[] {0, 1});
    }
    double[] values = new double[steps];
    for (int i = 0; i < steps; i++) {
      values[i] = from + (to - from) * i / (steps - 1);
    }
    return new GridAxis(asked.column(), values);
  }

  /** Whether a column that inputs read can be an axis; a violation says why not. */
  public static void check(
      AxisSpec asked, String at, Map<String, ColumnEncoding> columns, Violations violations) {
    if (asked.column().isEmpty()) {
      return; // it could not be read
    }
    ColumnEncoding column = columns.get(asked.column());
    if (column == null) {
      violations.add(
          at,
          "No input reads a column '%s'; they read %s"
              .formatted(JsonObject.shorten(asked.column()), columns.keySet()));
    } else if (!isNumber(column)) {
      violations.add(
          at,
          "Column '%s' has %s, and an axis needs numbers"
              .formatted(
                  asked.column(), column.type() == ColumnType.TIMESTAMP ? "times" : "categories"));
    }
  }

  private static boolean isNumber(ColumnEncoding column) {
    return column instanceof ColumnEncoding.Numeric
        && (column.type() == ColumnType.NUMBER || column.type() == ColumnType.INTEGER);
  }

  public double step() {
    return (values[values.length - 1] - values[0]) / (values.length - 1);
  }

  /** Where the first cell begins: each value is in the middle of its cell. */
  public double from() {
    return values[0] - step() / 2;
  }

  public double length() {
    return step() * values.length;
  }
}
