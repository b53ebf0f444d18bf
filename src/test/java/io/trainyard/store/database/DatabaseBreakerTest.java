package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** While the database is down, nobody but the monitor asks it, and nobody waits. */
@Timeout(60)
class DatabaseBreakerTest {
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger asked = new AtomicInteger();

  /** A database that is away when the test says so. */
  private DataSource database() {
    JdbcDataSource h2 = new JdbcDataSource();
    h2.setUrl("jdbc:h2:mem:breaker;DB_CLOSE_DELAY=-1");
    return new DelegatingDataSource(h2) {
      @Override
      public Connection getConnection() throws SQLException {
        asked.incrementAndGet();
        if (away.get()) {
          throw new SQLException("away");
        }
        return super.getConnection();
      }
    };
  }

  @Test
  void callsAreRefusedAtOnceUntilTheMonitorIsAnswered() throws SQLException {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(database());
      pool.setConnectionTimeout(1_000);
      pool.setMinimumIdle(0);
      pool.setIdleTimeout(10_000);
      DatabaseBreaker breaker = new DatabaseBreaker(pool);
      JdbcClient jdbc = JdbcClient.create(breaker);
      int _ = jdbc.sql("create table database_identity (entry int)").update();
      try (DatabaseMonitor monitor = new DatabaseMonitor(DatabaseBreaker.behind(breaker), null)) {
        DatabaseBreaker.follow(breaker, monitor);
        monitor.check();
        assertThat(count(jdbc)).isZero();

        away.set(true);
        pool.getHikariPoolMXBean().softEvictConnections();
        monitor.check();
        int before = asked.get();
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
          assertThatThrownBy(() -> count(jdbc)).matches(Outage::is);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(asked.get() - before).isLessThan(20);

        away.set(false);
        do { // the pool pauses between its tries
          monitor.check();
        } while (monitor.state() == DatabaseMonitor.State.DOWN);
        assertThat(count(jdbc)).isZero();
      }
    }
  }

  private static int count(JdbcClient jdbc) {
    return jdbc.sql("select count(*) from database_identity").query(Integer.class).single();
  }
}
