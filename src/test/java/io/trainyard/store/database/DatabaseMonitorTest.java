package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.store.database.DatabaseMonitor.State;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the state of a database is when the process or its clock was moved. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("the output of the process is read")
class DatabaseMonitorTest {
  private final AtomicLong nanoTime = new AtomicLong(1_000);
  private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.EPOCH);
  private final JdbcDataSource database = new JdbcDataSource();
  private DatabaseMonitor monitor;

  @BeforeEach
  void open() throws Exception {
    database.setUrl("jdbc:h2:mem:monitored;DB_CLOSE_DELAY=-1");
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("create table if not exists database_identity (id int)");
    }
    monitor = new DatabaseMonitor(database, null, false, nanoTime::get, clock::get);
    monitor.check();
  }

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
    clock.updateAndGet(now -> now.plus(time));
  }

  /** SIGSTOP: no answer came for a minute, because nobody asked. */
  @Test
  void stoppedProcessTrustsItsDatabaseAndSaysOnceThatItWasStopped(CapturedOutput output) {
    pass(Duration.ofSeconds(1));
    monitor.check();
    assertThat(output).doesNotContain("did not run");
    pass(Duration.ofMinutes(1));
    assertThat(monitor.state()).as("the first call after it").isEqualTo(State.AVAILABLE);
    monitor.check();
    pass(Duration.ofSeconds(1));
    monitor.check();
    assertThat(output.getAll().split("This process did not run for 60 s", -1)).hasSize(2);
  }

  @Test
  void clockThatWasSetIsLoggedOnce(CapturedOutput output) {
    for (Duration jump : new Duration[] {Duration.ofHours(1), Duration.ofHours(-2)}) {
      clock.updateAndGet(now -> now.plus(jump));
      pass(Duration.ofSeconds(1));
      assertThat(monitor.state()).isEqualTo(State.AVAILABLE);
      monitor.check();
      pass(Duration.ofSeconds(1));
      monitor.check();
    }
    assertThat(output.getAll().split("The clock was set forward by 3600 s", -1)).hasSize(2);
    assertThat(output.getAll().split("The clock was set back by 7200 s", -1)).hasSize(2);
  }
}
