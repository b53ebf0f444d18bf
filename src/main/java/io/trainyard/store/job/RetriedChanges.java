package io.trainyard.store.job;

import io.trainyard.os.PeriodicTask;
import io.trainyard.store.database.Outage;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Makes changes that nothing else repeats: each is retried until it succeeds or the process ends,
 * and delays no other.
 */
@Component
final class RetriedChanges implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RetriedChanges.class);

  private final Duration pause;
  private final ScheduledExecutorService retries = PeriodicTask.thread("retried-changes");

  @Autowired
  RetriedChanges() {
    this(Duration.ofSeconds(10));
  }

  RetriedChanges(Duration pause) {
    this.pause = pause;
  }

  /**
   * Makes a change, and waits while the database is down. After any other fault another thread
   * retries it.
   *
   * @param what is changed, for the log
   */
  void make(String what, Runnable change) {
    try {
      var _ =
          Outage.retryWhileDown(
              () -> {
                change.run();
                return true;
              });
    } catch (RuntimeException e) {
      log.error("{} failed; it is retried every {} s", what, pause.toSeconds(), e);
      retryLater(what, change);
    }
  }

  private void retryLater(String what, Runnable change) {
    try {
      var _ = retries.schedule(() -> retry(what, change), pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("The service stops");
    }
  }

  private void retry(String what, Runnable change) {
    try {
      change.run();
      log.info("{} succeeded", what);
    } catch (Throwable e) { // an error must not end it either
      log.debug("{} failed again", what, e);
      retryLater(what, change);
    }
  }

  @Override
  public void close() {
    retries.shutdownNow();
  }
}
