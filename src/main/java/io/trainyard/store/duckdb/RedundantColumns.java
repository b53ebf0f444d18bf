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
 * Finds columns that say the same: equal, relabelled, or one a straight line of the other. What
 * their profiles rule out is never compared, and only so many pairs are.
 */
final class RedundantColumns {
  private static final int MAX_PAIRS = 200;

  /** Rows from the file's head that show which pairs are worth a look at all rows. */
  private static final int HEAD = 2_000;

  /** How far apart the extremes of two columns may lie, in standard deviations, to be compared. */
  private static final double TOLERANCE = 0.05;

  private static final double LINEAR = 0.9999;

  /** Fewer rows go together by chance. */
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

  /** Two columns by their place. */
  private record Pair(int first, int second) {}

  /** A hint for each pair among some columns, which have more than one value each. */
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
            "%s WHERE %s IS DISTINCT FROM %s"
                .formatted(source, IngestedTable.storedName(a), IngestedTable.storedName(b)))
        == 0;
  }

  private long count(String from) throws SQLException {
    return duck.query("SELECT count(*) FROM " + from, DuckDb::firstLong);
  }

  /** Columns of few values that are each other's names: as many values, each as often. */
  private void oneToOne(List<Integer> varied) throws SQLException {
    Map<List<Object>, Integer> seen = new HashMap<>();
    int compared = 0;
    for (int i : varied) {
      ColumnProfile profile = columns.get(i).profile();
      // Values that hardly ever come twice name each other by chance.
      if (profile.labels() == null || profile.distinct() * 2 > rows) {
        continue;
      }
      List<Object> often = new ArrayList<>(List.of(profile.nulls(), profile.distinct()));
      profile.top().forEach(top -> often.add(top.count()));
      Integer other = seen.putIfAbsent(often, i);
      if (other == null || isDuplicate(i) || compared++ >= MAX_PAIRS) {
        continue;
      }
      long pairs =
          count(
              "(SELECT DISTINCT %s, %s FROM %s)"
                  .formatted(IngestedTable.storedName(other), IngestedTable.storedName(i), source));
      if (pairs == profile.distinct() + (profile.nulls() > 0 ? 1 : 0)) {
        add(
            Hint.ONE_TO_ONE,
            new Pair(other, i),
            "Each value of column '%s' goes with one value of column '%s', and the other way"
                + " round");
      }
    }
  }

  private boolean isDuplicate(int column) {
    return reported.stream().anyMatch(pair -> pair.second() == column);
  }

  /** Columns of numbers that lie on a straight line, whatever their units. */
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
      pairs = correlated(pairs, "(SELECT * FROM %s LIMIT %d)".formatted(source, HEAD), true);
    }
    for (Pair pair : correlated(pairs, source, false)) {
      add(Hint.STRAIGHT, pair, "Columns '%s' and '%s' lie on a straight line (correlation ±1)");
    }
  }

  /** A straight line keeps, or mirrors, where the extremes lie in standard deviations. */
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
   * @param unclear whether to keep pairs that have none, since a column does not vary there
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
        "SELECT " + String.join(", ", correlations) + " FROM " + from,
        found -> {
          found.next();
          List<Pair> straight = new ArrayList<>();
          for (int i = 0; i < pairs.size(); i++) {
            double correlation = found.getDouble(i + 1);
            boolean none = found.wasNull() || Double.isNaN(correlation);
            if (none ? unclear : Math.abs(correlation) > LINEAR) {
              straight.add(pairs.get(i));
            }
          }
          return straight;
        });
  }
}
