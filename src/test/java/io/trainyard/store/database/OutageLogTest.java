package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class OutageLogTest {
  private static FilterReply reply(String logger, @Nullable Throwable failure) {
    Logger source = (Logger) LoggerFactory.getLogger(logger);
    return new OutageLog()
        .decide(
            new LoggingEvent(
                "", source, Level.ERROR, "Unhandled exception", failure, new Object[0]));
  }

  @Test
  void stackOfALibraryInAnOutageIsLeftOut() {
    RuntimeException broken =
        new IllegalStateException(
            "Failed to rollback.", new SQLException("This connection has been closed.", "08003"));
    assertThat(reply("com.github.kagkarlsson.scheduler.RunUntilShutdown", broken))
        .isEqualTo(FilterReply.DENY);
    assertThat(
            reply(
                "org.springframework.transaction.support.TransactionTemplate",
                new SQLException("terminating connection", "57P01")))
        .isEqualTo(FilterReply.DENY);
  }

  @Test
  void outageBehindAFailedRollbackIsSeen() {
    RuntimeException rollback = new IllegalStateException("Failed to rollback.");
    rollback.addSuppressed(
        new IllegalStateException(new SQLException("terminating connection", "57P01")));
    assertThat(reply("com.github.kagkarlsson.scheduler.RunUntilShutdown", rollback))
        .isEqualTo(FilterReply.DENY);
  }

  @Test
  void everythingElseStays() {
    SQLException mistake = new SQLException("syntax error", "42601");
    SQLException lost = new SQLException("connection refused", "08001");
    assertThat(reply("com.github.kagkarlsson.scheduler.RunUntilShutdown", mistake))
        .isEqualTo(FilterReply.NEUTRAL);
    assertThat(reply("com.github.kagkarlsson.scheduler.RunUntilShutdown", null))
        .isEqualTo(FilterReply.NEUTRAL);
    assertThat(reply("io.trainyard.job.Worker", lost)).isEqualTo(FilterReply.NEUTRAL);
  }
}
