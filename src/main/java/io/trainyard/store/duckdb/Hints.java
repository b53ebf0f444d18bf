package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for columns that say little (one value only), for columns that say the same, and for
 * numbers that are read as texts.
 */
public final class Hints {
  private static final int MAX_TEXTS = 200;

  /** Rows from the file's head that show which texts are worth a look at all rows. */
  private static final int HEAD = 10_000;

  private final DuckDb duck;
  private final String source;
  private final long rows;
  private final List<Column> columns;
  private final List<Hint> hints = new ArrayList<>();

  private Hints(DuckDb duck, String source, long rows, List<Column> columns) {
    this.duck = duck;
    this.source = source;
    this.rows = rows;
    this.columns = columns;
  }

  public static List<Hint> of(DuckDb duck, String source, long rows, List<Column> columns)
      throws SQLException {
    Hints hints = new Hints(duck, source, rows, columns);
    List<Integer> varied = hints.varied();
    hints.hints.addAll(new RedundantColumns(duck, source, rows, columns).among(varied));
    hints.numbersAsText(varied);
    return hints.hints;
  }

  /** Hints at columns of one value or none; the rest are worth comparing. */
  private List<Integer> varied() {
    List<Integer> varied = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i).name();
      ColumnProfile profile = columns.get(i).profile();
      if (columns.get(i).type() == ColumnType.TENSOR) {
        continue;
      }
      if (profile.nulls() == rows) {
        hints.add(
            new Hint(Hint.EMPTY, List.of(name), "Column '" + name + "' has no value in any row"));
      } else if (profile.distinct() == 1 && profile.nulls() == 0) {
        hints.add(
            new Hint(
                Hint.CONSTANT,
                List.of(name),
                "Column '" + name + "' holds " + profile.min() + " in every row"));
      } else {
        varied.add(i);
      }
    }
    return varied;
  }

  /** Texts that are numbers but for some, such as NaN or n/a, make categories of numbers. */
  private void numbersAsText(List<Integer> varied) throws SQLException {
    List<Integer> texts =
        varied.stream()
            .filter(i -> columns.get(i).type() == ColumnType.STRING)
            .limit(MAX_TEXTS)
            .toList();
    if (texts.isEmpty()) {
      return;
    }
    List<String> counts = new ArrayList<>();
    for (int i : texts) {
      String stored = IngestedTable.storedName(i);
      counts.add("count(" + stored + ")");
      counts.add("count(*) FILTER (WHERE " + isNumber(stored) + ")");
    }
    List<Integer> mostly =
        duck.query(
            "SELECT %s FROM (SELECT * FROM %s LIMIT %d)"
                .formatted(String.join(", ", counts), source, HEAD),
            found -> {
              found.next();
              List<Integer> numeric = new ArrayList<>();
              for (int i = 0; i < texts.size(); i++) {
                if (found.getLong(2 * i + 2) * 2 > found.getLong(2 * i + 1)) {
                  numeric.add(texts.get(i));
                }
              }
              return numeric;
            });
    for (int i : mostly) {
      Optional<String> odd = firstNonNumber(IngestedTable.storedName(i));
      if (odd.isPresent()) {
        String name = columns.get(i).name();
        String text = odd.get();
        String shown = text.length() <= 40 ? text : text.substring(0, 37) + "...";
        hints.add(
            new Hint(
                Hint.NUMBERS_AS_TEXT,
                List.of(name),
                "Column '%s' holds texts, though most of them are numbers: '%s' is none. The option 'null_values' names texts that stand for a missing value"
                    .formatted(name, shown)));
      }
    }
  }

  private static String isNumber(String stored) {
    return "coalesce(isfinite(TRY_CAST(" + stored + " AS DOUBLE)), false)";
  }

  private Optional<String> firstNonNumber(String stored) throws SQLException {
    return duck.query(
        "SELECT %s FROM %s WHERE %s IS NOT NULL AND NOT %s LIMIT 1"
            .formatted(stored, source, stored, isNumber(stored)),
        found -> found.next() ? Optional.of(found.getString(1)) : Optional.empty());
  }
}
