package io.trainyard.store.database;

import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/** The database is away for a while. */
public final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private Outage() {}

  /** Makes a change, again and again until the database answers. */
  public static <T> T retryWhileDown(Supplier<T> change) {
    while (true) {
      try {
        return change.get();
      } catch (RuntimeException e) {
        if (!is(e)) {
          throw e;
        }
        log.warn("The database is away, trying again: {}", e.toString());
        try {
          Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  /** Whether a failure says that the database is away, and nothing else. */
  public static boolean is(RuntimeException failure) {
    return failure instanceof DataAccessResourceFailureException
        || failure instanceof TransientDataAccessException
        || failure instanceof RecoverableDataAccessException
        || failure instanceof CannotCreateTransactionException
        || failure instanceof TransactionSystemException;
  }
}
