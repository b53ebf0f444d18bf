package io.trainyard.store.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Refuses connections at once while the database is known to be down, so that callers do not wait
 * for a timeout each. Only the monitor asks the database itself, and so notices its return.
 */
final class DatabaseBreaker extends DelegatingDataSource {
  private volatile BooleanSupplier down = () -> false;

  DatabaseBreaker(DataSource target) {
    super(target);
  }

  /** The data source itself, for the one who asks whether the database is down. */
  static DataSource behind(DataSource source) {
    return source instanceof DatabaseBreaker breaker ? breaker.obtainTargetDataSource() : source;
  }

  /** Starts to refuse connections while the monitor says so. */
  static void follow(DataSource source, DatabaseMonitor monitor) {
    if (source instanceof DatabaseBreaker breaker) {
      breaker.down = () -> monitor.state() == DatabaseMonitor.State.DOWN;
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (down.getAsBoolean()) {
      throw new SQLTransientConnectionException("The database is down");
    }
    return super.getConnection();
  }
}
