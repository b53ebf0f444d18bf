package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/** Failures of a real PostgreSQL that ends a session in the middle of a transaction. */
@Timeout(60)
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
class OutageTest {
  @TempDir Path folder;
  TestDatabase.Opened database;
  JdbcClient jdbc;
  TransactionTemplate transaction;

  @BeforeEach
  void open() {
    database = TestDatabase.POSTGRESQL.open(folder);
    jdbc = JdbcClient.create(database.source());
    transaction = new TransactionTemplate(new JdbcTransactionManager(database.source()));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private int session() {
    return jdbc.sql("select pg_backend_pid()").query(Integer.class).single();
  }

  /** Ends a session from another connection, as an operator would. */
  private void end(int session) {
    String url = database.source().getJdbcUrl();
    JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""))
        .sql("select pg_terminate_backend(:session, 10000)")
        .param("session", session)
        .query(Boolean.class)
        .single();
  }

  private RuntimeException failure(Runnable rest) {
    return catchThrowableOfType(
        RuntimeException.class,
        () ->
            transaction.executeWithoutResult(
                _ -> {
                  end(session());
                  rest.run();
                }));
  }

  @Test
  void lostConnectionAtAStatementIsAnOutage() {
    RuntimeException failure = failure(this::session);
    // The rollback fails too, and its exception hides the first one.
    assertThat(failure).isInstanceOf(TransactionSystemException.class);
    assertThat(Outage.is(failure)).isTrue();
  }

  @Test
  void lostConnectionAtTheCommitIsAnOutage() {
    assertThat(Outage.is(failure(() -> {}))).isTrue();
  }

  /** The outage itself is logged once, by {@link DatabaseMonitor}. */
  @Test
  void lostConnectionIsNotLoggedByTheLibraries() throws IOException {
    LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
    settings()
        .bind("logging.level", Bindable.mapOf(String.class, String.class))
        .get()
        .forEach((name, level) -> loggers.getLogger(name).setLevel(Level.valueOf(level)));
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(log);
    try {
      failure(() -> {});
      failure(this::session);
    } finally {
      root.detachAppender(log);
    }
    String thread = Thread.currentThread().getName();
    assertThat(log.list)
        .filteredOn(event -> event.getThreadName().equals(thread))
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .isEmpty();
  }

  private static Binder settings() throws IOException {
    return new Binder(
        ConfigurationPropertySources.from(
            new YamlPropertySourceLoader()
                .load("settings", new ClassPathResource("application.yml"))));
  }

  @Test
  void invalidStatementIsNoOutage() {
    RuntimeException failure =
        catchThrowableOfType(
            RuntimeException.class, () -> jdbc.sql("select nothing").query(Integer.class).single());
    assertThat(Outage.is(failure)).isFalse();
  }
}
