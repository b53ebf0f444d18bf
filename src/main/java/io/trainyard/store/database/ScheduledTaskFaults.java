package io.trainyard.store.database;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.ErrorHandler;

/**
 * Logs the faults of scheduled tasks, which run again at their next time. An outage is logged by
 * its monitor alone, once, however many tasks meet it.
 */
public final class ScheduledTaskFaults implements ErrorHandler {
  private static final Logger log = LoggerFactory.getLogger(ScheduledTaskFaults.class);

  @Override
  public void handleError(Throwable failure) {
    if (Outage.is(failure)) {
      log.debug("A scheduled task met an outage and runs again at its next time", failure);
    } else {
      log.error("A scheduled task failed; it runs again at its next time", failure);
    }
  }
}
