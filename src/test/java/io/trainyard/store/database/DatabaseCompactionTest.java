package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.store.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.unit.DataSize;

/** The file of the embedded database stays near the size of its data. */
@Tag("service")
class DatabaseCompactionTest {
  private static final int ROWS = 4_000;
  private static final DataSize FROM = DataSize.ofMegabytes(1);

  @TempDir Path folder;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private DatabaseProperties properties;

  @BeforeEach
  void useSmallLimits() {
    properties = new DatabaseProperties(2, FROM, Duration.ofSeconds(3));
  }

  private record Opened(EmbeddedDatabase database, HikariDataSource pool) implements AutoCloseable {
    @Override
    public void close() {
      pool.close();
      database.close();
    }
  }

  private Opened open() {
    EmbeddedDatabase database = EmbeddedDatabase.open(new DataDirectory(folder));
    return new Opened(database, database.pool());
  }

  private static void createTable(JdbcClient jdbc) {
    jdbc.sql("create table work (id int primary key, state varchar(20), body varchar(2000))")
        .update();
    jdbc.sql("create index work_by_state on work (state, id)").update();
  }

  /** Like a job: inserted, changed twice, and kept. Each statement is a commit. */
  private static void addRow(JdbcClient jdbc, int id) {
    jdbc.sql("insert into work values (:id, 'queued', :body)")
        .param("id", id)
        .param("body", Integer.toString(id).repeat(300))
        .update();
    jdbc.sql("update work set state = 'running' where id = :id").param("id", id).update();
    jdbc.sql("update work set state = 'done' where id = :id").param("id", id).update();
  }

  private long bytes() throws Exception {
    return Files.size(folder.resolve("database").resolve("trainyard.mv.db"));
  }

  @Test
  void busyDatabaseStaysWithinThreeTimesItsData() throws Exception {
    try (Opened opened = open()) {
      HikariDataSource pool = opened.pool();
      JdbcClient jdbc = JdbcClient.create(pool);
      createTable(jdbc);
      DatabaseCompaction compaction = new DatabaseCompaction(pool, properties, meters);
      for (int id = 0; id < ROWS; id++) {
        addRow(jdbc, id);
        if (id % 100 == 99) {
          compaction.compact();
          assertThat((double) bytes())
              .isLessThanOrEqualTo(Math.max(3 * live(), 3.0 * FROM.toBytes()));
        }
      }
      compaction.stop();
      assertThat(jdbc.sql("select count(*) from work").query(Integer.class).single())
          .isEqualTo(ROWS);
    }
    // Each row was stored, and the file shrank once more before it was closed.
    try (Opened opened = open()) {
      HikariDataSource pool = opened.pool();
      assertThat(
              JdbcClient.create(pool)
                  .sql("select count(*) from work where state = 'done' and length(body) >= 300")
                  .query(Integer.class)
                  .single())
          .isEqualTo(ROWS);
    }
    assertThat((double) bytes()).isLessThan(1.5 * live());
  }

  @Test
  void idleDatabaseShrinks() throws Exception {
    try (Opened opened = open()) {
      HikariDataSource pool = opened.pool();
      JdbcClient jdbc = JdbcClient.create(pool);
      createTable(jdbc);
      for (int id = 0; id < ROWS / 2; id++) {
        addRow(jdbc, id);
      }
      DatabaseCompaction compaction = new DatabaseCompaction(pool, properties, meters);
      double before = bytes();
      // The first look finds a busy database.
      for (int look = 0; look < 100 && (look == 0 || bytes() > 1.4 * live()); look++) {
        compaction.compact();
      }
      assertThat((double) bytes()).isLessThan(1.4 * live()).isLessThan(before / 4);
      compaction.stop();
    }
  }

  @Test
  void commitsWhileCompactingAreKept() throws Exception {
    try (Opened opened = open()) {
      HikariDataSource pool = opened.pool();
      JdbcClient jdbc = JdbcClient.create(pool);
      createTable(jdbc);
      DatabaseCompaction compaction = new DatabaseCompaction(pool, properties, meters);
      AtomicBoolean writing = new AtomicBoolean(true);
      Thread compacting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (writing.get()) {
                      compaction.compact();
                    }
                  });
      for (int id = 0; id < ROWS / 2; id++) {
        addRow(jdbc, id);
      }
      writing.set(false);
      compacting.join();
      compaction.stop();
    }
    try (Opened opened = open()) {
      HikariDataSource pool = opened.pool();
      assertThat(
              JdbcClient.create(pool)
                  .sql("select count(*) from work where state = 'done'")
                  .query(Integer.class)
                  .single())
          .isEqualTo(ROWS / 2);
    }
  }

  /** Whether the stop of a service with these settings leaves the file as it is. */
  private boolean stopLeavesTheFile(DataSize from, Duration atStop) throws Exception {
    properties = new DatabaseProperties(100, from, atStop);
    try (Opened opened = open()) {
      JdbcClient jdbc = JdbcClient.create(opened.pool());
      createTable(jdbc);
      for (int id = 0; id < ROWS / 4; id++) {
        addRow(jdbc, id);
      }
      DatabaseCompaction compaction = new DatabaseCompaction(opened.pool(), properties, meters);
      compaction.compact();
      long before = bytes();
      compaction.stop();
      return bytes() == before;
    }
  }

  @Test
  void stopCompactsALargeFileOnly() throws Exception {
    assertThat(stopLeavesTheFile(DataSize.ofGigabytes(1), Duration.ofSeconds(3))).isTrue();
  }

  @Test
  void stopCompactsAtAll() throws Exception {
    assertThat(stopLeavesTheFile(FROM, Duration.ofSeconds(3))).isFalse();
  }

  @Test
  void stopWithoutTimeCompactsNothing() throws Exception {
    assertThat(stopLeavesTheFile(FROM, Duration.ZERO)).isTrue();
  }

  @Test
  void boundsOfSettingsAreChecked() {
    assertThatThrownBy(() -> new DatabaseProperties(1, FROM, Duration.ZERO))
        .hasMessageContaining("trainyard.database.compact-above must be in [1.5, 100], was 1.0");
    assertThatThrownBy(() -> new DatabaseProperties(Double.NaN, FROM, Duration.ZERO))
        .hasMessageContaining("compact-above");
    assertThatThrownBy(() -> new DatabaseProperties(2, FROM, Duration.ofMinutes(1)))
        .hasMessageContaining("compact-at-stop must be in [0s, 20s], was PT1M");
  }

  private double live() {
    return meters.get("trainyard.database.live").gauge().value();
  }
}
