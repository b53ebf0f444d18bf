package io.trainyard.store.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Whose database it is. */
public final class DatabaseKind {
  /** How the URL begins for the workers of the process that has opened the file. */
  static final String SERVED = "jdbc:h2:tcp:";

  private DatabaseKind() {}

  /** Whether the database is a file that this process has opened and locked. */
  public static boolean isEmbedded(DataSource dataSource) {
    return isOfOneInstallation(dataSource) && !url(dataSource).startsWith(SERVED);
  }

  /**
   * Whether only one process and its workers can use the database: it is embedded in this process,
   * or in the one that supervises it.
   */
  public static boolean isOfOneInstallation(DataSource dataSource) {
    return url(dataSource).startsWith("jdbc:h2:");
  }

  private static String url(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      return connection.getMetaData().getURL();
    } catch (SQLException e) {
      throw new IllegalStateException("the URL of the database cannot be read", e);
    }
  }
}
