package io.trainyard.store.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Whether the database is embedded in this process. */
public final class DatabaseKind {
  private DatabaseKind() {}

  /** An embedded database is a locked file, so no other process can use it. */
  public static boolean isEmbedded(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      String url = connection.getMetaData().getURL();
      return url.startsWith("jdbc:h2:") && !url.matches("jdbc:h2:(tcp|ssl):.*");
    } catch (SQLException e) {
      throw new IllegalStateException("the URL of the database cannot be read", e);
    }
  }
}
