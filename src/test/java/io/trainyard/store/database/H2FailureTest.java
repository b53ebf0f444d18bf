package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.UncategorizedSQLException;

@Tag("service")
class H2FailureTest {
  @Test
  void connectionOfAClosedDatabaseSaysThatItIsDown() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:closed-under-it");
        Connection other = DriverManager.getConnection("jdbc:h2:mem:closed-under-it")) {
      try (Statement shutdown = other.createStatement()) {
        shutdown.execute("shutdown");
      }
      assertDown(connection);
      // As when another thread has found the database closed first.
      connection.close();
      assertDown(connection);
    }
  }

  private static void assertDown(Connection connection) {
    SQLException failure =
        catchThrowableOfType(SQLException.class, () -> connection.prepareStatement("select 1"));

    assertThat(H2Failure.isClosed(failure)).as(failure.toString()).isTrue();
    assertThat(Outage.is(new UncategorizedSQLException("find", "select 1", failure))).isTrue();
  }

  @Test
  void mistakenStatementDoesNot() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> connection.prepareStatement("selct 1"));

      assertThat(H2Failure.isClosed(failure)).isFalse();
    }
  }
}
