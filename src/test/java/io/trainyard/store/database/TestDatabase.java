package io.trainyard.store.database;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The databases every store must work on. */
public enum TestDatabase {
  H2 {
    @Override
    String url(Path folder) {
      return "jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0;LOCK_TIMEOUT=10000";
    }

    @Override
    String copy(String migrated, Path folder) {
      Path file = Path.of(migrated.replaceAll("^jdbc:h2:file:|;.*", "") + ".mv.db");
      Path own = folder.resolve(file.getFileName());
      try {
        if (!Files.exists(own)) {
          Files.createDirectories(folder);
          Files.copy(file, own);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return url(folder);
    }

    @Override
    String user() {
      return "";
    }
  },
  POSTGRESQL {
    @Override
    String url(Path folder) {
      return made("");
    }

    @Override
    String copy(String migrated, Path folder) {
      return made(" template " + nameIn(migrated));
    }

    private static String made(String how) {
      String name = "t" + COUNT.incrementAndGet();
      Server.execute("create database " + name + how);
      return Server.RUNNING.getJdbcUrl("postgres", name);
    }

    @Override
    void drop(String url) {
      Server.execute(dropping(url));
    }

    @Override
    String user() {
      return "postgres";
    }
  },
  /** PostgreSQL's own image; skipped where there is no Docker. */
  CONTAINER {
    @Override
    String url(Path folder) {
      return made("");
    }

    @Override
    String copy(String migrated, Path folder) {
      return made(" template " + nameIn(migrated));
    }

    private static String made(String how) {
      String name = "t" + COUNT.incrementAndGet();
      Container.execute("create database " + name + how);
      return Container.RUNNING.getJdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/" + name + "$1");
    }

    @Override
    void drop(String url) {
      Container.execute(dropping(url));
    }

    @Override
    String user() {
      return Container.RUNNING.getUsername();
    }

    @Override
    public TestDatabase available() {
      assumeTrue(Docker.isThere(), "Docker is not available");
      return this;
    }

    @Override
    String password() {
      return Container.RUNNING.getPassword();
    }
  };

  private static final AtomicInteger COUNT = new AtomicInteger();

  private static final Map<TestDatabase, String> MIGRATED = new ConcurrentHashMap<>();

  /** The address of an empty database. */
  abstract String url(Path folder);

  /** The address of a copy of a database that nobody has open; H2 keeps the one of the folder. */
  abstract String copy(String migrated, Path folder);

  /** Deletes a database that nobody needs: hundreds of them would delay the end of the process. */
  void drop(String url) {}

  private static String dropping(String url) {
    return "drop database " + nameIn(url) + " with (force)";
  }

  private static String nameIn(String url) {
    return url.replaceAll(".*/|\\?.*", "");
  }

  abstract String user();

  String password() {
    return "";
  }

  /** This database; skips the test where it is not available. */
  public TestDatabase available() {
    return this;
  }

  /** An empty database with its tables. */
  public Opened open(Path folder) {
    String url = copy(MIGRATED.computeIfAbsent(this, TestDatabase::migrated), folder);
    return new Opened(pool(url), () -> drop(url));
  }

  /**
   * The address of a database with its tables: made once, because that takes longer than most
   * tests.
   */
  private static String migrated(TestDatabase database) {
    try {
      Path folder = Files.createTempDirectory(Path.of("target"), "migrated");
      String url = database.url(folder.toAbsolutePath());
      try (HikariDataSource pool = database.pool(url)) {
        Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
      }
      return url;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername(user());
    pool.setPassword(password());
    pool.setMaximumPoolSize(20);
    pool.setMinimumIdle(2);
    return pool;
  }

  /** A database to use and close. */
  public record Opened(HikariDataSource source, Runnable drop) implements AutoCloseable {
    @Override
    public void close() {
      source.close();
      drop.run();
    }
  }

  private static final class Docker {
    private static final boolean THERE =
        (Files.exists(Path.of("/var/run/docker.sock")) || System.getenv("DOCKER_HOST") != null)
            && DockerClientFactory.instance().isDockerAvailable();

    static boolean isThere() {
      return THERE;
    }
  }

  /** One container for all tests; Testcontainers removes it when the process ends. */
  private static final class Container {
    static final PostgreSQLContainer RUNNING = start();

    @SuppressWarnings("resource")
    private static PostgreSQLContainer start() {
      PostgreSQLContainer container =
          new PostgreSQLContainer("postgres:17-alpine")
              .withCommand("postgres", "-c", "max_connections=300");
      container.start();
      return container;
    }

    static void execute(String sql) {
      JdbcClient.create(
              new DriverManagerDataSource(
                  RUNNING.getJdbcUrl(), RUNNING.getUsername(), RUNNING.getPassword()))
          .sql(sql)
          .update();
    }
  }

  /** One server for all tests; it stops with the process. */
  private static final class Server {
    static final EmbeddedPostgres RUNNING = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("max_connections", "300")
            // No test of these crashes the server.
            .setServerConfig("fsync", "off")
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static void execute(String sql) {
      JdbcClient.create(RUNNING.getPostgresDatabase()).sql(sql).update();
    }
  }
}
