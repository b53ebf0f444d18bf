package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.trainyard.Http;
import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.SmallDisk;
import io.trainyard.store.database.DatabaseMonitor.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An embedded database that closed itself is reopened with everything it acknowledged. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
@Tag("service")
class DatabaseRepairTest {
  @TempDir Path folder;

  private EmbeddedDatabase database;
  private HikariDataSource pool;
  private DatabaseMonitor monitor;
  private JdbcClient jdbc;
  private int stored;

  private void open(Path data) {
    DataDirectory directory = new DataDirectory(data);
    database = EmbeddedDatabase.open(directory);
    pool = database.pool();
    pool.setConnectionTimeout(Duration.ofSeconds(1).toMillis());
    Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
    DatabaseRepair repair =
        new DatabaseRepair(
            database,
            directory.reserve(),
            () -> pool.getHikariPoolMXBean().softEvictConnections(),
            System::nanoTime);
    monitor = new DatabaseMonitor(pool, repair);
    database.whenClosed(monitor::checkSoon);
    jdbc = JdbcClient.create(pool);
    jdbc.sql("insert into database_identity (entry, id, created_at) values (1, 'a', now())")
        .update();
    jdbc.sql("create table log (line int primary key, text varchar)").update();
  }

  @AfterEach
  void close() {
    if (monitor != null) {
      monitor.close();
    }
    if (pool != null) {
      pool.close();
    }
    if (database != null) {
      database.close();
    }
  }

  @Test
  void checkLeavesNoTimeoutToTheStatementsOfOthers(@TempDir Path data) throws Exception {
    open(data);
    pool.setMaximumPoolSize(1);
    monitor.check();
    try (var connection = pool.getConnection();
        var statement = connection.createStatement()) {
      assertThat(statement.getQueryTimeout()).isZero();
    }
  }

  private void store() {
    jdbc.sql("insert into log values (:line, :text)")
        .param("line", stored)
        .param("text", (stored + "x").repeat(20_000))
        .update();
    stored++;
  }

  /** Stores a line, as a caller does that retries while the database is away. */
  private void storeOnceReopened() {
    int before = stored;
    while (stored == before) {
      try {
        store();
      } catch (DataAccessException e) {
        assertThat(e).matches(Outage::is);
        Http.pause(Duration.ofMillis(10));
      }
    }
  }

  private void storeUntilFull() {
    assertThatThrownBy(
            () -> {
              while (true) {
                store();
              }
            })
        .matches(Outage::is);
  }

  private int lines() {
    return jdbc.sql("select count(*) from log").query(Integer.class).single();
  }

  private void await(State wanted) throws InterruptedException {
    while (monitor.state() != wanted) {
      monitor.check();
      Thread.onSpinWait();
    }
  }

  @Test
  void fullDiskLeavesReadsAndAFreedOneWrites() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24)) {
      open(disk.folder());
      store();
      disk.fillBut(1 << 20);
      storeUntilFull();
      await(State.READ_ONLY);
      assertThat(lines()).isEqualTo(stored);
      assertThatThrownBy(this::store).matches(Outage::is);
      assertThat(monitor.isLost()).isFalse();
      disk.free();
      await(State.AVAILABLE);
      store();
      assertThat(lines()).isEqualTo(stored);
      close();
    }
  }

  @Test
  void connectionInUseDoesNotKeepTheDatabaseClosed() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 24);
        Connection _ = busy(disk)) {
      disk.fillBut(1 << 20);
      storeUntilFull();
      await(State.READ_ONLY);
      assertThat(lines()).isEqualTo(stored);
      disk.free();
      await(State.AVAILABLE);
      store();
      assertThat(lines()).as("without the line that was not committed").isEqualTo(stored);
      close();
    }
  }

  /** A connection in the middle of a transaction. */
  private Connection busy(SmallDisk disk) throws SQLException {
    open(disk.folder());
    Connection connection = pool.getConnection();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.executeUpdate("insert into log values (-1, 'never committed')");
    }
    return connection;
  }

  @Test
  void databaseThatWasShutDownIsReopenedAtOnce() throws Exception {
    open(folder);
    store();
    jdbc.sql("shutdown immediately").update();
    storeOnceReopened();
    assertThat(lines()).isEqualTo(stored);
  }

  @Test
  void lostFileIsNotReplacedByAnEmptyOne() throws Exception {
    open(folder);
    Path file = folder.resolve("database").resolve("trainyard.mv.db");
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(file, elsewhere);
    jdbc.sql("shutdown immediately").update();
    await(State.DOWN);
    assertThat(monitor.isLost()).isTrue();
    assertThat(file).doesNotExist();
    Files.move(elsewhere, file);
    await(State.AVAILABLE);
    assertThat(monitor.isLost()).isFalse();
  }

  @Test
  void lostFileIsSoughtWithPauses() throws Exception {
    DataDirectory directory = new DataDirectory(folder);
    database = EmbeddedDatabase.open(directory);
    pool = database.pool();
    AtomicInteger tries = new AtomicInteger();
    AtomicLong now = new AtomicLong();
    DatabaseRepair repair =
        new DatabaseRepair(database, directory.reserve(), tries::incrementAndGet, now::get);
    Files.move(folder.resolve("database").resolve("trainyard.mv.db"), folder.resolve("elsewhere"));
    JdbcClient.create(pool).sql("shutdown immediately").update();
    repair.repair();
    // One try for writing, one for reading, and pauses of 1 s, 2 s and 4 s.
    int expected = 2;
    for (long second : new long[] {1, 3, 7}) {
      now.set(TimeUnit.SECONDS.toNanos(second) - 1);
      repair.repair();
      assertThat(tries).as("before second %d", second).hasValue(expected);
      expected += 2;
      now.incrementAndGet();
      repair.repair();
      repair.repair();
      assertThat(tries).as("at second %d", second).hasValue(expected);
    }
  }

  @Test
  void folderIsRefusedWhileItIsInUse() {
    open(folder);
    assertThatThrownBy(() -> EmbeddedDatabase.open(new DataDirectory(folder)))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("--trainyard.data-dir");
  }
}
