package io.trainyard.store.database;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.ObjectStoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
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

  /** Runs a change; while the database or its files are away, retries it every half second. */
  public static <T> T retryWhileDown(Supplier<T> change) {
    while (true) {
      try {
        return change.get();
      } catch (RuntimeException e) {
        if (!is(e)) {
          throw e;
        }
        // The monitor logs the outage, once.
        log.debug("The database is down; retrying: {}", e.toString());
        try {
          Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  /** The error to answer with in an outage; empty for any other failure. */
  public static Optional<ServiceException> classify(Throwable failure) {
    if (!is(failure)) {
      return Optional.empty();
    }
    return Optional.of(new ServiceException(ErrorCode.UNAVAILABLE, reason(failure), failure));
  }

  private static String reason(Throwable failure) {
    if (ObjectStoreException.caused(failure)) {
      return "The object store is not available; try again shortly";
    }
    return isReadOnly(failure)
        ? "The database can be read, not changed: its disk is full; try again later"
        : "The database is not available; try again shortly";
  }

  /** Whether a failure means that the database, or the store that has its files, is down. */
  public static boolean is(Throwable failure) {
    return ObjectStoreException.caused(failure)
        || failure instanceof DataAccessResourceFailureException
        || failure instanceof TransientDataAccessException
        || failure instanceof RecoverableDataAccessException
        || failure instanceof CannotCreateTransactionException
        // The connection broke inside a transaction: its rollback failed too.
        || failure instanceof TransactionSystemException
        || cause(failure, H2Failure::isClosed)
        || isReadOnly(failure);
  }

  private static boolean isReadOnly(Throwable failure) {
    return cause(failure, H2Failure::isReadOnly);
  }

  private static boolean cause(Throwable failure, Predicate<SQLException> kind) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof SQLException fault && kind.test(fault)) {
        return true;
      }
    }
    return false;
  }
}
