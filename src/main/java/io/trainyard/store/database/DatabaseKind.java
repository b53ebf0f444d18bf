package io.trainyard.store.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What kind of database this process works on. */
public final class DatabaseKind {
  private DatabaseKind() {}

  /** Whether it is a file of this process, whose lock proves that there is no other process. */
  public static boolean isEmbedded(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      String url = connection.getMetaData().getURL();
      return url.startsWith("jdbc:h2:") && !url.matches("jdbc:h2:(tcp|ssl):.*");
    } catch (SQLException e) {
      throw new IllegalStateException("the database cannot be asked for its kind", e);
    }
  }
}
