package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.CannotCreateTransactionException;

@Execution(ExecutionMode.SAME_THREAD)
class ScheduledTaskFaultsTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(ScheduledTaskFaults.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ScheduledTaskFaults faults = new ScheduledTaskFaults();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void stop() {
    log.detachAppender(lines);
  }

  @Test
  void anOutageIsLeftToItsMonitor() {
    faults.handleError(new CannotCreateTransactionException("no connection"));
    faults.handleError(new DataAccessResourceFailureException("no connection"));
    assertThat(lines.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.INFO));
  }

  @Test
  void anotherFaultIsLoggedWithItsTrace() {
    faults.handleError(new DataIntegrityViolationException("a row contradicts another"));
    ILoggingEvent line = lines.list.getFirst();
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(line.getThrowableProxy()).isNotNull();
  }
}
