package io.trainyard.store.database;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/**
 * Recognizes that the database is down. This is the only place that knows which exceptions say so;
 * others ask {@link #is}, and the API gets the error code through {@link #classify}.
 */
public final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private Outage() {}

  /** Runs a change; while the database is down, retries it every half second. */
  public static <T> T retryWhileDown(Supplier<T> change) {
    while (true) {
      try {
        return change.get();
      } catch (RuntimeException e) {
        if (!is(e)) {
          throw e;
        }
        log.warn("The database is down; retrying: {}", e.toString());
        try {
          Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  /** The error to answer with while the database is down; empty for any other failure. */
  public static Optional<ServiceException> classify(Throwable failure) {
    return is(failure)
        ? Optional.of(
            new ServiceException(
                ErrorCode.UNAVAILABLE, "The database is not available; try again shortly", failure))
        : Optional.empty();
  }

  /** Whether a failure means that the database is down. */
  public static boolean is(Throwable failure) {
    return failure instanceof DataAccessResourceFailureException
        || failure instanceof TransientDataAccessException
        || failure instanceof RecoverableDataAccessException
        || failure instanceof CannotCreateTransactionException
        // The connection broke inside a transaction: its rollback failed too.
        || failure instanceof TransactionSystemException;
  }
}
