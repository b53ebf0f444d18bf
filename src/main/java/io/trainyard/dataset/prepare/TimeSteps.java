package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
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
 */
final class TimeSteps {
  /** A step that differs by more than this share of the usual one of its series is told. */
  private static final double UNEVEN = 0.5;

  /** The whole numbers that a sample tells apart. */
  private static final double EXACT = 0x1p53;

  /** With a lower share of different times some repeat, although the profile estimates. */
  private static final double LEAST_TIMES = 0.9;

  private static final double SECOND = 1e6;
  private static final double MINUTE = 60 * SECOND;
  private static final double HOUR = 60 * MINUTE;
  private static final double DAY = 24 * HOUR;

  private final RowSample sample;
  private final RowWindow window;
  private final Column order;

  private int series;
  private int unevenSeries;
  private int repeated;
  private boolean rises = true;
  private boolean falls = true;

  /** The steps above 0 of the series with the most uneven ones, sorted. */
  private double[] worst = {};

  private long unevenSteps;

  private TimeSteps(RowSample sample, RowWindow window, Column order) {
    this.sample = sample;
    this.window = window;
    this.order = order;
  }

  /**
   * Warns of rows of one time, and of gaps between times.
   *
   * @param sample has the columns of the window
   * @param order the column that orders the rows
   * @param all the rows of which that column has its profile; 0 where it is of other rows
   * @param at the place of that column in the body
   */
  static List<Warning> warnings(
      RowSample sample, RowWindow window, Column order, long all, String at) {
    TimeSteps steps = new TimeSteps(sample, window, order);
    if (!steps.isExact()) {
      return List.of();
    }
    steps.read();
    List<Warning> warnings = new ArrayList<>();
    String repeated = steps.ofRepeated(all);
    if (!repeated.isEmpty()) {
      warnings.add(new Warning(at, "repeated_times", repeated));
    }
    // The first rows of a shuffled file have gaps that other rows fill, and numbers of rows may
    // have gaps that mean nothing.
    boolean isPiece = sample.whole() || steps.rises || steps.falls;
    if (isPiece && order.type() == ColumnType.TIMESTAMP && steps.unevenSeries > 0) {
      warnings.add(new Warning(at, "uneven_times", steps.ofUneven()));
    }
    return warnings;
  }

  private boolean isExact() {
    return window.columns().stream()
        .map(sample::column)
        .flatMapToDouble(Arrays::stream)
        .noneMatch(value -> Math.abs(value) > EXACT);
  }

  private void read() {
    double[] times = sample.column(order.name());
    long[] groups =
        window.group() == null ? new long[sample.rows()] : sample.keys(List.of(window.group()));
    Integer[] rows = new Integer[sample.rows()];
    Arrays.setAll(rows, row -> row);
    Arrays.sort(
        rows,
        Comparator.<Integer>comparingLong(row -> groups[row])
            .thenComparingDouble(row -> times[row]));
    double[] steps = new double[rows.length];
    int count = 0;
    for (int place = 0; place < rows.length; place++) {
      int row = rows[place];
      if (place > 0 && groups[rows[place - 1]] == groups[row]) {
        int before = rows[place - 1];
        double step = times[row] - times[before];
        if (step > 0) {
          steps[count++] = step;
          rises &= before < row;
          falls &= before > row;
        } else if (step == 0) {
          repeated++;
        }
      } else {
        add(Arrays.copyOf(steps, count));
        count = 0;
        series++;
      }
    }
    add(Arrays.copyOf(steps, count));
  }

  private void add(double[] steps) {
    Arrays.sort(steps);
    long uneven = uneven(steps);
    unevenSeries += uneven > 0 ? 1 : 0;
    if (uneven > unevenSteps) {
      unevenSteps = uneven;
      worst = steps;
    }
  }

  private static double usual(double[] sorted) {
    return sorted[(sorted.length - 1) / 2];
  }

  private static long uneven(double[] sorted) {
    return Arrays.stream(sorted)
        .filter(step -> Math.abs(step - usual(sorted)) > UNEVEN * usual(sorted))
        .count();
  }

  private String ofRepeated(long all) {
    long distinct = order.profile().distinct();
    String what;
    if (repeated > 0) {
      what =
          "%d of %d rows%s repeat a value of '%s'%s"
              .formatted(
                  repeated,
                  sample.rows(),
                  sample.ofFirst(),
                  order.name(),
                  window.group() == null ? "" : " in their series");
    } else if (!sample.whole() && window.group() == null && distinct < LEAST_TIMES * all) {
      what = "%d rows have about %d values of '%s'".formatted(all, distinct, order.name());
    } else {
      return "";
    }
    return what
        + ", so a window mixes rows of one time. "
        + (window.group() == null
            ? "If there are several series, name the column that tells them apart, as"
                + " \"group\": \"shop\"; else leave repeated rows out"
            : "Leave repeated rows out");
  }

  private String ofUneven() {
    double usual = usual(worst);
    String least = words(worst[0]);
    String most = words(worst[worst.length - 1]);
    String where =
        window.group() == null
            ? "The steps of '%s'%s".formatted(order.name(), sample.ofFirst())
            : "In %d of %d series%s the steps of '%s' are not even: in the worst they"
                .formatted(unevenSeries, series, sample.ofFirst(), order.name());
    String what =
        2 * unevenSteps > worst.length
            ? " go from %s to %s, and half of them are up to %s"
                .formatted(least, most, words(usual))
            : " are mostly %s, but %d of %d are under half of that or over one and a half times it, from %s to %s"
                .formatted(words(usual), unevenSteps, worst.length, least, most);
    boolean hasGaps = worst[worst.length - 1] > (1 + UNEVEN) * usual;
    return where
        + what
        + ". A window counts rows, not time"
        + (hasGaps ? ". Where time matters, add rows for the missing times" : "");
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
