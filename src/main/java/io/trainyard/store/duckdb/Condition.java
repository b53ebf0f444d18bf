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
 */
public final class Condition {
  private static final Pattern STORED = Pattern.compile("\\bc([0-9]{1,6})\\b");

  private Condition() {}

  /**
   * A condition as SQL over the columns of a file. It is run once, to see that it is a boolean and
   * ends in time.
   *
   * @throws ServiceException INVALID_BODY for an invalid or slow condition
   */
  public static String sql(
      DuckDb duck, String where, List<Column> columns, String source, Duration timeout)
      throws SQLException {
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
      duck.interruptible(
          statement,
          () -> statement.execute("select count(*) from %s where %s".formatted(source, sql)));
      return sql;
    } catch (SQLException e) {
      throw refused(e, columns);
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
