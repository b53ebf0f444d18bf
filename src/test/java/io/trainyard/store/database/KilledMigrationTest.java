package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.trainyard.Cases;
import io.trainyard.TestProcess;
import io.trainyard.store.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** A migration that is killed behind any of its statements begins again at the next start. */
@Timeout(240)
@Tag("service")
class KilledMigrationTest {
  private static final int KILLED = 137;

  /** A release with rows; later migrations change tables that it has. */
  private static final String RELEASE = "15";

  @TempDir private static Path release;
  private static final AtomicInteger STATEMENTS = new AtomicInteger();

  @TempDir private Path folder;

  /** Makes the release's data folder and counts the statements behind it. */
  @BeforeAll
  static void release(@TempDir Path folder) throws IOException {
    try (EmbeddedDatabase database = open(release);
        HikariDataSource pool = database.pool()) {
      DatabaseConfiguration.migrate(flyway(pool, RELEASE), database);
      insert(pool);
    }
    FileSystemUtils.copyRecursively(release, folder);
    try (EmbeddedDatabase database = open(folder);
        HikariDataSource pool = database.pool()) {
      Flyway.configure()
          .dataSource(pool)
          .locations("classpath:db/migration")
          .callbacks(new EachStatement(STATEMENTS::incrementAndGet))
          .load()
          .migrate();
    }
  }

  /**
   * Behind which statements the process is killed: a few, and in profile {@code slow} others in
   * each run.
   */
  static List<Integer> statements() {
    List<Integer> all = IntStream.rangeClosed(1, STATEMENTS.get()).boxed().toList();
    return Cases.all() ? Cases.drawn(all, 4) : Cases.every(all, 40, 0);
  }

  /** The process that is killed: a data folder, or a URL of PostgreSQL, and a statement. */
  public static final class Killed {
    private Killed() {}

    public static void main(String[] args) {
      try (EmbeddedDatabase database = args[0].startsWith("jdbc:") ? null : open(Path.of(args[0]));
          HikariDataSource pool = pool(database, args[0])) {
        DatabaseConfiguration.migrate(
            Flyway.configure()
                .dataSource(pool)
                .locations("classpath:db/migration")
                .callbacks(new EachStatement(killAfter(Integer.parseInt(args[1]))))
                .load(),
            database);
      }
    }
  }

  private static Runnable killAfter(int statements) {
    AtomicInteger left = new AtomicInteger(statements);
    return () -> {
      if (left.decrementAndGet() == 0) {
        Runtime.getRuntime().halt(KILLED);
      }
    };
  }

  private static final class EachStatement extends BaseCallback {
    private final Runnable then;

    EachStatement(Runnable then) {
      this.then = then;
    }

    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.AFTER_EACH_MIGRATE_STATEMENT;
    }

    @Override
    public void handle(Event event, Context context) {
      then.run();
    }
  }

  private static EmbeddedDatabase open(Path data) {
    return EmbeddedDatabase.open(new DataDirectory(data));
  }

  private static HikariDataSource pool(@Nullable EmbeddedDatabase database, String url) {
    HikariDataSource pool = database == null ? new HikariDataSource() : database.pool();
    if (database == null) {
      pool.setJdbcUrl(url);
      pool.setUsername("postgres");
    }
    return pool;
  }

  private static void kill(String database, int statement) throws Exception {
    assertThat(migrate(database, statement)).isEqualTo(KILLED);
  }

  /** The exit code of a process that migrates until the statement. */
  private static int migrate(String database, int statement) throws Exception {
    Process process =
        TestProcess.of(List.of(), Killed.class, database, String.valueOf(statement))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static Flyway flyway(HikariDataSource pool, String target) {
    return Flyway.configure()
        .dataSource(pool)
        .locations("classpath:db/migration")
        .target(target)
        .load();
  }

  private static void insert(HikariDataSource pool) {
    JdbcClient.create(pool)
        .sql(
            "insert into models (name, spec, revision, next_version, created_at, updated_at)"
                + " values ('m', '{}', 1, 1, current_timestamp, current_timestamp)")
        .update();
  }

  private static void assertComplete(HikariDataSource pool, int rows) {
    assertThat(flyway(pool, "latest").info().pending()).isEmpty();
    assertThat(
            JdbcClient.create(pool)
                .sql("select count(*) from models")
                .query(Integer.class)
                .single())
        .isEqualTo(rows);
    assertThat(
            JdbcClient.create(pool)
                .sql("select count(*) from version_serving where quarantine is null")
                .query(Integer.class)
                .single())
        .isZero();
  }

  @ParameterizedTest
  @MethodSource("statements")
  void embeddedDatabaseOfAReleaseIsMigratedAgain(int statement) throws Exception {
    FileSystemUtils.copyRecursively(release, folder);
    kill(folder.toString(), statement);
    try (EmbeddedDatabase database = open(folder);
        HikariDataSource pool = database.pool()) {
      assertThat(flyway(pool, RELEASE).info().pending()).isEmpty();
      DatabaseConfiguration.migrate(flyway(pool, "latest"), database);
      assertComplete(pool, 1);
    }
    try (Stream<Path> files = Files.list(folder.resolve("database"))) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("lock", "trainyard.mv.db");
    }
  }

  @Test
  void firstStartOfAnEmbeddedDatabaseIsMigratedAgain() throws Exception {
    kill(folder.toString(), 30);
    try (EmbeddedDatabase database = open(folder);
        HikariDataSource pool = database.pool()) {
      DatabaseConfiguration.migrate(flyway(pool, "latest"), database);
      assertComplete(pool, 0);
    }
  }

  @Test
  void postgresqlIsMigratedAgain() throws Exception {
    String url = TestDatabase.POSTGRESQL.url(folder);
    try (HikariDataSource pool = pool(null, url)) {
      flyway(pool, RELEASE).migrate();
      insert(pool);
      kill(url, 1);
      // A killed migration keeps the migrations before the one that was under way.
      for (int statement : statements()) {
        assertThat(migrate(url, statement)).isIn(KILLED, 0);
      }
      DatabaseConfiguration.migrate(flyway(pool, "latest"), null);
      assertComplete(pool, 1);
    }
  }
}
