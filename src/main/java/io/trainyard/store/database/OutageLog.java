package io.trainyard.store.database;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Leaves out what libraries say about each call that fails in an outage, with a stack each. {@link
 * DatabaseMonitor} logs the outage once at its start and once at its end.
 */
final class OutageLog extends Filter<ILoggingEvent> {
  private static final String NAME = "outages";

  private static final List<String> LIBRARIES =
      List.of("com.github.kagkarlsson.", "org.springframework.transaction.", "com.zaxxer.hikari.");

  /** States of SQL for a broken connection, and for a server that stops or starts. */
  private static final List<String> LOST = List.of("08", "57P");

  /** Adds the filter to all output. Does nothing the second time. */
  static void install() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      Iterator<Appender<ILoggingEvent>> outputs =
          context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).iteratorForAppenders();
      while (outputs.hasNext()) {
        Appender<ILoggingEvent> output = outputs.next();
        if (output.getCopyOfAttachedFiltersList().stream()
            .noneMatch(filter -> NAME.equals(filter.getName()))) {
          OutageLog filter = new OutageLog();
          filter.setName(NAME);
          filter.start();
          output.addFilter(filter);
        }
      }
    }
  }

  @Override
  public FilterReply decide(ILoggingEvent event) {
    return event.getThrowableProxy() instanceof ThrowableProxy failure
            && LIBRARIES.stream().anyMatch(event.getLoggerName()::startsWith)
            && isOutage(failure.getThrowable())
        ? FilterReply.DENY
        : FilterReply.NEUTRAL;
  }

  private static boolean isOutage(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (Outage.is(e)
          || (e instanceof SQLException sql
              && sql.getSQLState() != null
              && LOST.stream().anyMatch(sql.getSQLState()::startsWith))
          // What a failed rollback hides.
          || Arrays.stream(e.getSuppressed()).anyMatch(OutageLog::isOutage)) {
        return true;
      }
    }
    return false;
  }
}
