package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.Hint;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds redundant columns: equal ones, ones that map to each other one to one, and linear functions
 * of each other. It compares only pairs that their profiles allow, and at most 200 of each kind.
 */
final class RedundantColumns {
  private static final int MAX_PAIRS = 200;

  /** Only pairs that are correlated in these first rows are compared in all rows. */
  private static final int HEAD = 2_000;

  /** The largest difference of two columns' extremes, in standard deviations, to compare them. */
  private static final double TOLERANCE = 0.05;

  private static final double LINEAR = 0.9999;

  /** With fewer rows, columns are redundant by chance. */
  private static final int MIN_ROWS = 20;

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final List<Column> columns;
  private final List<Hint> hints = new ArrayList<>();
  private final Set<Pair> reported = new LinkedHashSet<>();

  RedundantColumns(DuckDb duck, String source, long rows, List<Column> columns) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.columns = columns;
  }

  /** Two columns by index. */
  private record Pair(int first, int second) {}

  /** A hint for each redundant pair among columns that have more than one value each. */
  List<Hint> among(List<Integer> varied) throws SQLException {
    equal(varied);
    if (rows >= MIN_ROWS) {
      oneToOne(varied);
      linear(varied);
    }
    return hints;
  }

  private void add(String code, Pair pair, String detail) {
    String first = columns.get(pair.first()).name();
    String second = columns.get(pair.second()).name();
    reported.add(pair);
    hints.add(new Hint(code, List.of(first, second), detail.formatted(first, second)));
  }

  private void equal(List<Integer> varied) throws SQLException {
    Map<List<Object>, Integer> seen = new HashMap<>();
    int compared = 0;
    for (int i : varied) {
      ColumnProfile profile = columns.get(i).profile();
      Integer other =
          seen.putIfAbsent(
              Arrays.asList(
                  columns.get(i).type(),
                  profile.nulls(),
                  profile.min(),
                  profile.max(),
                  profile.mean()),
              i);
      if (other != null && compared++ < MAX_PAIRS && areEqual(other, i)) {
        add(Hint.DUPLICATES, new Pair(other, i), "Columns '%s' and '%s' are equal in every row");
      }
    }
  }

  private boolean areEqual(int a, int b) throws SQLException {
    return count(
            "%s where %s is distinct from %s"
                .formatted(source, IngestedTable.storedName(a), IngestedTable.storedName(b)))
        == 0;
  }

  private long count(String from) throws SQLException {
    return duck.query("select count(*) from " + from, DuckDb::firstLong);
  }

  /** Columns of few values that map to each other: the same number of values, equally often. */
  private void oneToOne(List<Integer> varied) throws SQLException {
    Map<List<Object>, Integer> seen = new HashMap<>();
    int compared = 0;
    for (int i : varied) {
      ColumnProfile profile = columns.get(i).profile();
      // Values that seldom repeat map to each other by chance.
      if (profile.labels() == null || profile.distinct() * 2 > rows) {
        continue;
      }
      List<Object> frequencies = new ArrayList<>(List.of(profile.nulls(), profile.distinct()));
      profile.top().forEach(top -> frequencies.add(top.count()));
      Integer other = seen.putIfAbsent(frequencies, i);
      if (other == null || isDuplicate(i) || compared++ >= MAX_PAIRS) {
        continue;
      }
      long pairs =
          count(
              "(select distinct %s, %s from %s)"
                  .formatted(IngestedTable.storedName(other), IngestedTable.storedName(i), source));
      if (pairs == profile.distinct() + (profile.nulls() > 0 ? 1 : 0)) {
        add(
            Hint.ONE_TO_ONE,
            new Pair(other, i),
            "Each value of column '%s' belongs to one value of column '%s', and vice versa");
      }
    }
  }

  private boolean isDuplicate(int column) {
    return reported.stream().anyMatch(pair -> pair.second() == column);
  }

  /** Columns of numbers that are linear functions of each other. */
  private void linear(List<Integer> varied) throws SQLException {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < varied.size() && pairs.size() < MAX_PAIRS; i++) {
      for (int j = i + 1; j < varied.size() && pairs.size() < MAX_PAIRS; j++) {
        Pair pair = new Pair(varied.get(i), varied.get(j));
        if (!reported.contains(pair)
            && mayBeLinear(columns.get(pair.first()), columns.get(pair.second()))) {
          pairs.add(pair);
        }
      }
    }
    if (rows > HEAD) {
      pairs = correlated(pairs, "(select * from %s limit %d)".formatted(source, HEAD), true);
    }
    for (Pair pair : correlated(pairs, source, false)) {
      add(Hint.STRAIGHT, pair, "Columns '%s' and '%s' lie on a straight line (correlation ±1)");
    }
  }

  /** A linear function keeps, or mirrors, the extremes in standard deviations. */
  private static boolean mayBeLinear(Column a, Column b) {
    double[] first = extremes(a);
    double[] second = extremes(b);
    return first != null
        && second != null
        && a.profile().distinct() > 2
        && b.profile().distinct() > 2
        && ((near(first[0], second[0]) && near(first[1], second[1]))
            || (near(first[0], -second[1]) && near(first[1], -second[0])));
  }

  private static boolean near(double a, double b) {
    return Math.abs(a - b) < TOLERANCE;
  }

  private static double @Nullable [] extremes(Column column) {
    ColumnProfile profile = column.profile();
    Double mean = profile.mean();
    Double std = profile.std();
    if (mean == null
        || std == null
        || std == 0
        || !(profile.min() instanceof Number min)
        || !(profile.max() instanceof Number max)) {
      return null;
    }
    return new double[] {(min.doubleValue() - mean) / std, (max.doubleValue() - mean) / std};
  }

  /**
   * The pairs whose correlation is 1 or −1.
   *
   * @param unclear whether to keep pairs without a correlation, where a column is constant
   */
  private List<Pair> correlated(List<Pair> pairs, String from, boolean unclear)
      throws SQLException {
    if (pairs.isEmpty()) {
      return pairs;
    }
    List<String> correlations =
        pairs.stream()
            .map(
                pair ->
                    "corr(%s, %s)"
                        .formatted(
                            IngestedTable.storedName(pair.first()),
                            IngestedTable.storedName(pair.second())))
            .toList();
    return duck.query(
        "select " + String.join(", ", correlations) + " from " + from,
        found -> {
          found.next();
          List<Pair> linear = new ArrayList<>();
          for (int i = 0; i < pairs.size(); i++) {
            double correlation = found.getDouble(i + 1);
            boolean none = found.wasNull() || Double.isNaN(correlation);
            if (none ? unclear : Math.abs(correlation) > LINEAR) {
              linear.add(pairs.get(i));
            }
          }
          return linear;
        });
  }
}
