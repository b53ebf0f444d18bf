package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/** What is thrown when a real PostgreSQL ends a session in the midst of a transaction. */
@Timeout(60)
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
    return jdbc.sql("SELECT pg_backend_pid()").query(Integer.class).single();
  }

  /** As an operator does it, by a connection of its own. */
  private void end(int session) {
    String url = database.source().getJdbcUrl();
    JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""))
        .sql("SELECT pg_terminate_backend(?, 10000)")
        .param(session)
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
  void atTheNextStatement() {
    RuntimeException failure = failure(this::session);
    // The rollback that fails as well hides why it was tried.
    assertThat(failure).isInstanceOf(TransactionSystemException.class);
    assertThat(Outage.is(failure)).isTrue();
  }

  @Test
  void atTheCommit() {
    assertThat(Outage.is(failure(() -> {}))).isTrue();
  }

  @Test
  void wrongStatementIsNoOutage() {
    RuntimeException failure =
        catchThrowableOfType(
            RuntimeException.class, () -> jdbc.sql("SELECT nothing").query(Integer.class).single());
    assertThat(Outage.is(failure)).isFalse();
  }
}
