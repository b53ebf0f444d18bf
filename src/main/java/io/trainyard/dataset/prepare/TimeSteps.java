package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.check.Warning;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How far the rows of series are from each other in the column that orders them. A window and an
 * offset count rows, so rows of one time mix what belongs to several series, and a gap looks like a
 * usual step.
 *
 * @param steps those above 0 of all series, sorted
 * @param repeated rows with the time of the row before
 * @param followed whether the rows of each series follow each other in the file
 */
@SuppressWarnings("ArrayRecordComponent")
record TimeSteps(double[] steps, int repeated, boolean followed) {
  /** By how much of the usual step another one differs that is told. */
  private static final double UNEVEN = 0.5;

  private static final double SECOND = 1e6;
  private static final double MINUTE = 60 * SECOND;
  private static final double HOUR = 60 * MINUTE;
  private static final double DAY = 24 * HOUR;

  /**
   * @param sample has the columns of the window
   * @param times as the sample has them: microseconds, or numbers
   */
  private static TimeSteps of(RowSample sample, RowWindow window, double[] times) {
    long[] series =
        window.group() == null ? new long[sample.rows()] : sample.keys(List.of(window.group()));
    Integer[] order = new Integer[sample.rows()];
    Arrays.setAll(order, row -> row);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingLong(row -> series[row])
            .thenComparingDouble(row -> times[row]));
    double[] steps = new double[order.length];
    int count = 0;
    int repeated = 0;
    boolean followed = true;
    for (int place = 1; place < order.length; place++) {
      int before = order[place - 1];
      int row = order[place];
      double step = times[row] - times[before];
      if (series[before] == series[row]) {
        followed &= before < row;
        if (step > 0) {
          steps[count++] = step;
        } else if (step == 0) {
          repeated++;
        }
      }
    }
    double[] sorted = Arrays.copyOf(steps, count);
    Arrays.sort(sorted);
    return new TimeSteps(sorted, repeated, followed);
  }

  /**
   * Warns of rows of one time, and of gaps between times.
   *
   * @param sample has the columns of the window
   * @param type of the column that orders the rows
   * @param at the place of that column in the body
   */
  static List<Warning> warnings(
      RowSample sample, RowWindow window, String orderBy, ColumnType type, String at) {
    TimeSteps steps = of(sample, window, sample.column(orderBy));
    // The first rows of a file in another order are no series.
    if (!sample.whole() && !steps.followed()) {
      return List.of();
    }
    List<Warning> warnings = new ArrayList<>();
    if (steps.repeated() > 0) {
      warnings.add(new Warning(at, "repeated_times", steps.ofRepeated(sample, window, orderBy)));
    }
    // Numbers of rows may have gaps that mean nothing.
    if (type == ColumnType.TIMESTAMP && steps.uneven() > 0) {
      warnings.add(new Warning(at, "uneven_times", steps.ofUneven(sample, orderBy)));
    }
    return warnings;
  }

  private String ofRepeated(RowSample sample, RowWindow window, String orderBy) {
    return "%d of %d rows%s repeat a value of '%s'%s, so a window mixes rows of one time. %s"
        .formatted(
            repeated,
            sample.rows(),
            sample.ofFirst(),
            orderBy,
            window.group() == null ? "" : " in their series",
            window.group() == null
                ? "If there are several series, name the column that tells them apart, as"
                    + " \"group\": \"shop\"; else leave repeated rows out"
                : "Leave repeated rows out");
  }

  private String ofUneven(RowSample sample, String orderBy) {
    return "The rows of a series are mostly %s apart in '%s', but %d of %d steps%s are under half of that or over one and a half times it: they go from %s to %s. A window counts rows, not time. Where time matters, add rows for the missing times"
        .formatted(
            words(usual()),
            orderBy,
            uneven(),
            steps.length,
            sample.ofFirst(),
            words(steps[0]),
            words(steps[steps.length - 1]));
  }

  private double usual() {
    return steps[steps.length / 2];
  }

  private long uneven() {
    return Arrays.stream(steps).filter(step -> Math.abs(step - usual()) > UNEVEN * usual()).count();
  }

  /** Microseconds, in the largest unit of which they are at least one. */
  private static String words(double micros) {
    double unit = micros >= DAY ? DAY : micros >= HOUR ? HOUR : micros >= MINUTE ? MINUTE : SECOND;
    String name =
        unit == DAY ? "day" : unit == HOUR ? "hour" : unit == MINUTE ? "minute" : "second";
    BigDecimal count = new BigDecimal(micros / unit).round(new MathContext(3)).stripTrailingZeros();
    return count.toPlainString() + " " + name + (count.compareTo(BigDecimal.ONE) == 0 ? "" : "s");
  }
}
