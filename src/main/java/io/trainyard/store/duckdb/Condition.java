package io.trainyard.store.duckdb;

import io.trainyard.dataset.Column;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A caller's condition on rows, such as {@code age > 30 AND city = 'Rome'}. {@link ConditionParser}
 * writes SQL from it, so a caller's text reaches a query only as a literal.
 *
 * @param sql the condition over the columns of a file
 * @param rows how many rows meet it
 */
public record Condition(String sql, long rows) {
  private static final Pattern STORED = Pattern.compile("\\bc([0-9]{1,6})\\b");

  /** The errors of DuckDB that no condition causes. */
  private static final Pattern OF_SERVICE =
      Pattern.compile("^(IO|INTERNAL|FATAL|Permission|Serialization|Connection) Error: ");

  /**
   * Runs a condition once: it is a boolean, and ends in time.
   *
   * @throws ServiceException INVALID_BODY for an invalid or slow condition
   */
  public static Condition run(
      DuckDb duck, String where, List<Column> columns, String source, Duration timeout) {
    String sql = new ConditionParser(where, columns).parse();
    try (Statement statement = duck.connection().createStatement()) {
      statement.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
      try (ResultSet none =
          duck.interruptible(
              statement,
              () -> statement.executeQuery("select %s from %s limit 0".formatted(sql, source)))) {
        if (none.getMetaData().getColumnType(1) != Types.BOOLEAN) {
          throw refused("it is neither true nor false for a row; compare something");
        }
      }
      try (ResultSet count =
          duck.interruptible(
              statement,
              () ->
                  statement.executeQuery(
                      "select count(*) from %s where %s".formatted(source, sql)))) {
        return new Condition(sql, DuckDb.firstLong(count));
      }
    } catch (SQLException e) {
      boolean ofService = OF_SERVICE.matcher(String.valueOf(e.getMessage())).find();
      throw ofService || DuckDb.isOutOfSpace(e) ? DuckDb.failure(e) : refused(e, columns);
    }
  }

  static ServiceException refused(String why) {
    String detail = "The condition is invalid: " + why;
    return new ServiceException(ErrorCode.INVALID_BODY, detail, List.of(new Violation("", detail)));
  }

  /** An error of DuckDB about a condition, with the caller's names of the columns. */
  private static ServiceException refused(SQLException e, List<Column> columns) {
    return refused(
        STORED
            .matcher(DuckDb.message(e))
            .replaceAll(
                found -> {
                  int index = Integer.parseInt(found.group(1));
                  String name = index < columns.size() ? columns.get(index).name() : found.group();
                  return Matcher.quoteReplacement("'" + name + "'");
                }));
  }
}
