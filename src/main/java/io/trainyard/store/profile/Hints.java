package io.trainyard.store.profile;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds columns that deserve a hint: empty or constant ones, redundant ones, and texts that are
 * mostly numbers.
 */
public final class Hints {
  private static final int MAX_TEXTS = 200;

  /** Only texts that are mostly numbers in these first rows are searched in all rows. */
  private static final int HEAD = 10_000;

  private static final String DECIMAL_COMMA = "[+-]?[0-9]+,[0-9]+";
  private static final String PERCENT = "[+-]?[0-9]+([.,][0-9]+)? ?%";

  /** With a currency, or with thousands that are set apart: 1.250,50 € or $1,250 or 1'250. */
  private static final String AMOUNT =
      "[+-]?(\\p{Sc} ?[0-9][0-9.,'’ ]*|[0-9][0-9.,'’ ]* ?(\\p{Sc}|EUR|USD|GBP|CHF|JPY)"
          + "|[1-9][0-9]{0,2}([,.'’][0-9]{3})+([.,][0-9]+)?)";

  /** The counts of a column of texts: all, numbers, and three ways to write them. */
  private static final int WAYS = 5;

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

  /** Adds hints for empty and constant columns; gives the others. */
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

  /** A few texts such as n/a turn a column of numbers into one of categories. */
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
      counts.add("count(*) filter (where " + isNumber(stored) + ")");
      counts.add("count(*) filter (where " + matches(stored, DECIMAL_COMMA) + ")");
      counts.add("count(*) filter (where " + matches(stored, PERCENT) + ")");
      counts.add("count(*) filter (where " + matches(stored, AMOUNT) + ")");
    }
    List<Integer> mostly =
        duck.query(
            "select %s from (select * from %s limit %d)"
                .formatted(String.join(", ", counts), source, HEAD),
            found -> {
              found.next();
              List<Integer> numeric = new ArrayList<>();
              for (int i = 0; i < texts.size(); i++) {
                long half = found.getLong(WAYS * i + 1) / 2;
                if (found.getLong(WAYS * i + 2) > half) {
                  numeric.add(texts.get(i));
                } else if (found.getLong(WAYS * i + 3) > half) {
                  hints.add(written(texts.get(i), DECIMAL_COMMA));
                } else if (found.getLong(WAYS * i + 4) > half) {
                  hints.add(written(texts.get(i), PERCENT));
                } else if (found.getLong(WAYS * i + 5) > half) {
                  hints.add(written(texts.get(i), AMOUNT));
                }
              }
              return numeric;
            });
    List<Optional<String>> exceptions = nonNumbers(mostly);
    for (int i = 0; i < mostly.size(); i++) {
      String name = columns.get(mostly.get(i)).name();
      exceptions.get(i).ifPresent(text -> hints.add(numbersAsText(name, text)));
    }
  }

  /** Numbers that are written in a way that JSON and CSV readers do not take for numbers. */
  private Hint written(int column, String way) {
    String name = columns.get(column).name();
    return new Hint(
        Hint.NUMBERS_AS_TEXT,
        List.of(name),
        switch (way) {
          case PERCENT ->
              "Column '%s' holds texts such as '12 %%': leave the percent sign out to get numbers"
                  .formatted(name);
          case AMOUNT ->
              """
              Column '%s' holds amounts as texts: to get numbers, leave out the currency and what \
              sets the thousands apart, and write a decimal point, as in 1250.5\
              """
                  .formatted(name);
          default ->
              "Column '%s' holds texts such as '3,5': write a decimal point to get numbers"
                  .formatted(name);
        });
  }

  private static String matches(String stored, String pattern) {
    return "coalesce(regexp_full_match(%s, '%s'), false)"
        .formatted(stored, pattern.replace("'", "''"));
  }

  private static Hint numbersAsText(String name, String text) {
    String shown = text.length() <= 40 ? text : text.substring(0, 37) + "...";
    return new Hint(
        Hint.NUMBERS_AS_TEXT,
        List.of(name),
        """
        Column '%s' holds texts, though most of them are numbers: '%s' is not a number. \
        The option 'null_values' names texts that stand for a missing value\
        """
            .formatted(name, shown));
  }

  private static String isNumber(String stored) {
    return "coalesce(isfinite(try_cast(" + stored + " as double)), false)";
  }

  /** A text of each column that is not a number, if there is one. */
  private List<Optional<String>> nonNumbers(List<Integer> texts) throws SQLException {
    if (texts.isEmpty()) {
      return List.of();
    }
    String selected =
        texts.stream()
            .map(IngestedTable::storedName)
            .map(c -> "min(%s) filter (where not %s)".formatted(c, isNumber(c)))
            .collect(Collectors.joining(", "));
    return duck.query(
        "select " + selected + " from " + source,
        found -> {
          found.next();
          List<Optional<String>> exceptions = new ArrayList<>();
          for (int i = 0; i < texts.size(); i++) {
            exceptions.add(Optional.ofNullable(found.getString(i + 1)));
          }
          return exceptions;
        });
  }
}
