package io.trainyard.store;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The databases every store must work on. */
enum TestDatabase {
  H2 {
    @Override
    String url(Path folder) {
      return "jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0;LOCK_TIMEOUT=10000";
    }

    @Override
    String user() {
      return "";
    }
  },
  POSTGRESQL {
    @Override
    String url(Path folder) {
      EmbeddedPostgres server = Server.RUNNING;
      String name = "t" + COUNT.incrementAndGet();
      JdbcClient.create(server.getPostgresDatabase()).sql("CREATE DATABASE " + name).update();
      return server.getJdbcUrl("postgres", name);
    }

    @Override
    String user() {
      return "postgres";
    }
  };

  private static final AtomicInteger COUNT = new AtomicInteger();

  abstract String url(Path folder);

  abstract String user();

  /** An empty database with its tables. */
  Opened open(Path folder) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url(folder));
    pool.setUsername(user());
    pool.setPassword("");
    pool.setMaximumPoolSize(20);
    pool.setMinimumIdle(2);
    Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
    return new Opened(pool);
  }

  /** A database to use and close. */
  record Opened(HikariDataSource source) implements AutoCloseable {
    @Override
    public void close() {
      source.close();
    }
  }

  /** One server for all tests; it ends with the process. */
  private static final class Server {
    static final EmbeddedPostgres RUNNING = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().setServerConfig("max_connections", "300").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
