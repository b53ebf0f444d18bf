package io.trainyard.store.profile;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.Hint;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds redundant columns: equal ones, ones that map to each other one to one, and linear functions
 * of each other. It compares only pairs that their profiles allow, and at most 200 of each kind.
 */
final class RedundantColumns {
  private static final int MAX_PAIRS = 200;

  /** Only pairs that are correlated in these first rows are compared in all rows. */
  private static final int HEAD = 2_000;

  private static final double LINEAR = 0.9999;

  /** With fewer rows, columns are redundant by chance. */
  private static final int MIN_ROWS = 20;

  /** The pairs whose columns are copied to a table at once. */
  private static final int COPIED_PAIRS = 25;

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final List<Column> columns;
  private final List<Hint> hints = new ArrayList<>();
  private final Set<Pair> reported = new HashSet<>();
  private final Set<Integer> duplicates = new HashSet<>();

  /** Counted when it is needed; before, −1. */
  private long differentRows = -1;

  RedundantColumns(DuckDb duck, String source, long rows, List<Column> columns) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.columns = columns;
  }

  /** Two columns by index. */
  record Pair(int first, int second) {
    private String sql(String template) {
      return template.formatted(IngestedTable.storedName(first), IngestedTable.storedName(second));
    }
  }

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
    List<Pair> pairs = new ArrayList<>();
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
      if (other != null && pairs.size() < MAX_PAIRS) {
        pairs.add(new Pair(other, i));
      }
    }
    for (Pair pair :
        matching(
            pairs,
            "count(*) filter (where %s is distinct from %s)",
            source,
            (row, at) -> row.getLong(at) == 0)) {
      add(Hint.DUPLICATES, pair, "Columns '%s' and '%s' are equal in every row");
      duplicates.add(pair.second());
    }
  }

  /** Whether the aggregate of a pair is as it should be. */
  private interface Check {
    boolean passes(ResultSet row, int at) throws SQLException;
  }

  /** The pairs whose aggregate passes a check, from one query. */
  private List<Pair> matching(List<Pair> pairs, String aggregate, String from, Check check)
      throws SQLException {
    if (pairs.isEmpty()) {
      return pairs;
    }
    String aggregates =
        pairs.stream().map(pair -> pair.sql(aggregate)).collect(Collectors.joining(", "));
    return duck.query(
        "select " + aggregates + " from " + from,
        row -> {
          row.next();
          List<Pair> matching = new ArrayList<>();
          for (int i = 0; i < pairs.size(); i++) {
            if (check.passes(row, i + 1)) {
              matching.add(pairs.get(i));
            }
          }
          return matching;
        });
  }

  /** Columns of few values that map to each other: the same number of values, equally often. */
  private void oneToOne(List<Integer> varied) throws SQLException {
    Map<List<Object>, Integer> seen = new HashMap<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i : varied) {
      ColumnProfile profile = columns.get(i).profile();
      // Values that seldom repeat map to each other by chance.
      if (profile.labels() == null || profile.distinct() * 2 > rows) {
        continue;
      }
      List<Object> frequencies = new ArrayList<>(List.of(profile.nulls(), profile.distinct()));
      profile.top().forEach(top -> frequencies.add(top.count()));
      Integer other = seen.putIfAbsent(frequencies, i);
      if (other != null && !duplicates.contains(i) && pairs.size() < MAX_PAIRS) {
        pairs.add(new Pair(other, i));
      }
    }
    for (int from = 0; from < pairs.size(); from += COPIED_PAIRS) {
      oneToOnePairs(pairs.subList(from, Math.min(from + COPIED_PAIRS, pairs.size())));
    }
  }

  /** Each query on a wide file reads the description of all its columns, so a few are copied. */
  private void oneToOnePairs(List<Pair> pairs) throws SQLException {
    boolean copies = columns.size() > COPIED_PAIRS;
    String from = copies ? "compared_columns" : source;
    if (copies) {
      String names =
          pairs.stream()
              .flatMap(pair -> Stream.of(pair.first(), pair.second()))
              .distinct()
              .map(IngestedTable::storedName)
              .collect(Collectors.joining(", "));
      duck.execute(
          "create or replace temp table " + from + " as select " + names + " from " + source);
    }
    for (Pair pair : pairs) {
      ColumnProfile profile = columns.get(pair.second()).profile();
      long found =
          duck.query(
              "select count(*) from (" + pair.sql("select distinct %s, %s from ") + from + ")",
              DuckDb::firstLong);
      if (found == profile.distinct() + (profile.nulls() > 0 ? 1 : 0)
          && profile.distinct() * 2 <= differentRows()) {
        add(
            Hint.ONE_TO_ONE,
            pair,
            "Each value of column '%s' belongs to one value of column '%s', and vice versa");
      }
    }
    if (copies) {
      duck.execute("drop table " + from);
    }
  }

  /** Rows that are there several times repeat values that do not repeat by themselves. */
  private long differentRows() throws SQLException {
    if (differentRows < 0) {
      String all =
          IntStream.range(0, columns.size())
              .mapToObj(IngestedTable::storedName)
              .collect(Collectors.joining(", "));
      differentRows =
          duck.query("select count(distinct hash(" + all + ")) from " + source, DuckDb::firstLong);
    }
    return differentRows;
  }

  /** Columns of numbers that are linear functions of each other. */
  private void linear(List<Integer> varied) throws SQLException {
    List<Pair> pairs =
        new LinearCandidates(columns, varied).pairs(MAX_PAIRS, pair -> !reported.contains(pair));
    if (rows > HEAD) {
      pairs = correlated(pairs, "(select * from %s limit %d)".formatted(source, HEAD), true);
    }
    for (Pair pair : correlated(pairs, source, false)) {
      add(Hint.STRAIGHT, pair, "Columns '%s' and '%s' lie on a straight line (correlation ±1)");
    }
  }

  /**
   * The pairs whose correlation is 1 or −1.
   *
   * @param unclear whether to keep pairs without a correlation, where a column is constant
   */
  private List<Pair> correlated(List<Pair> pairs, String from, boolean unclear)
      throws SQLException {
    return matching(
        pairs,
        "corr(%s, %s)",
        from,
        (row, at) -> {
          double correlation = row.getDouble(at);
          boolean none = row.wasNull() || Double.isNaN(correlation);
          return none ? unclear : Math.abs(correlation) > LINEAR;
        });
  }
}
