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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A caller's condition on rows, such as {@code age > 30 AND city = 'Rome'}. DuckDB parses it to a
 * tree, and {@link ConditionWriter} writes SQL from the tree. So a caller's text reaches a query
 * only as a literal.
 */
public final class Condition {
  static final String PREFIX = "select 1 from t where (";

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
    String sql = parse(duck, where, columns);
    try (Statement statement = duck.connection().createStatement()) {
      statement.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
      try (ResultSet none =
          statement.executeQuery("select %s from %s limit 0".formatted(sql, source))) {
        if (none.getMetaData().getColumnType(1) != Types.BOOLEAN) {
          throw refused("it is neither true nor false for a row; compare something");
        }
      }
      statement.execute("select count(*) from %s where %s".formatted(source, sql));
      return sql;
    } catch (SQLException e) {
      throw refused(e, columns);
    }
  }

  private static String parse(DuckDb duck, String where, List<Column> columns) throws SQLException {
    if (where.isBlank()) {
      throw refused("it is empty");
    }
    String json =
        duck.query(
            "select json_serialize_sql(" + DuckDb.literal(PREFIX + where + "\n)") + ")",
            rows -> {
              rows.next();
              return rows.getString(1);
            });
    JsonNode tree = new JsonMapper().readTree(json);
    if (tree.path("error").asBoolean()) {
      int position = tree.path("position").asInt(PREFIX.length()) - PREFIX.length() + 1;
      throw refused(
          tree.path("error_message").asString("it cannot be parsed")
              + at(position, where)
              + "; write texts in single quotes, and columns with names SQL reserves in double"
              + " quotes");
    }
    JsonNode statements = tree.path("statements");
    JsonNode select = statements.path(0).path("node");
    boolean single =
        statements.size() == 1
            && select.path("type").asString("").equals("SELECT_NODE")
            && select.path("modifiers").isEmpty()
            && select.path("cte_map").path("map").isEmpty()
            && select.path("from_table").path("type").asString("").equals("BASE_TABLE")
            && select.path("group_expressions").isEmpty()
            && select.path("having").isNull()
            && select.path("qualify").isNull()
            && select.path("sample").isNull();
    if (!single) {
      throw refused("it is more than one expression");
    }
    return new ConditionWriter(columns).write(select.path("where_clause"), 0);
  }

  private static String at(int position, String where) {
    return position >= 1 && position <= where.length() + 1 ? " at position " + position : "";
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
