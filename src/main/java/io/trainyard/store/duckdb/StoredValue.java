package io.trainyard.store.duckdb;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads single values of a Parquet file in the types that profiles and JSON show. */
public final class StoredValue {
  private StoredValue() {}

  /** The value of a column of the current row; timestamps become texts. */
  public static @Nullable Object read(ResultSet row, int at, ColumnType type) throws SQLException {
    Object found = row.getObject(at);
    if (found == null) {
      return null;
    }
    return switch (type) {
      case INTEGER -> row.getLong(at);
      case NUMBER -> row.getDouble(at);
      case BOOLEAN -> row.getBoolean(at);
      case STRING -> row.getString(at);
      case TIMESTAMP -> row.getObject(at, LocalDateTime.class).toInstant(ZoneOffset.UTC).toString();
      case TENSOR -> found;
    };
  }

  /** A value as the label of a category or class. */
  public static String label(Object item) {
    return item instanceof Double number ? ColumnValues.label(number) : item.toString();
  }
}
