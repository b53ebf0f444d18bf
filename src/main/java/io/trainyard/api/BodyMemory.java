package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The heap that the bodies of all requests share, with the JSON values made from them, and answers
 * that are large in memory. A request gives back what it reserved when it has been answered.
 */
@Component
public final class BodyMemory {
  /** The reservation of the request that runs in this thread. */
  public static final ScopedValue<Reservation> CURRENT = ScopedValue.newInstance();

  private static final int UNIT = 1024;

  private final Semaphore free;
  private final int units;
  private final Duration patience;

  @Autowired
  BodyMemory(HttpProperties properties) {
    this(properties.bodyBytes(), properties.bodyWait());
  }

  BodyMemory(long bytes, Duration patience) {
    this.units = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
    this.free = new Semaphore(units);
    this.patience = patience;
  }

  public Reservation open() {
    return new Reservation();
  }

  /**
   * Reserves for the body of the current request; nothing happens where no request runs.
   *
   * @throws ServiceException BODY_TOO_LARGE when this body alone needs more than all requests may
   *     have; UNAVAILABLE when others hold it
   */
  public static void reserve(long bytes) {
    if (CURRENT.isBound() && !CURRENT.get().grow(bytes)) {
      throw new ServiceException(
          ErrorCode.BODY_TOO_LARGE,
          "The body and the JSON values in it need about "
              + CURRENT.get().excess()
              + ". Send less in one request");
    }
  }

  /**
   * As {@link #reserve}, for the answer.
   *
   * @param instead what the caller can do when there is never enough memory
   * @throws ServiceException TOO_MUCH_MEMORY when this answer alone needs more than all requests
   *     may have; UNAVAILABLE when others hold it
   */
  public static void reserveAnswer(long bytes, String instead) {
    if (CURRENT.isBound() && !CURRENT.get().grow(bytes)) {
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY,
          "The answer needs about " + CURRENT.get().excess() + ". " + instead);
    }
  }

  /** Free bytes, for tests. */
  long freeBytes() {
    return (long) free.availablePermits() * UNIT;
  }

  /** What one request holds. Used by the thread of that request alone. */
  public final class Reservation implements AutoCloseable {
    private int held;
    private long bytes;

    private Reservation() {}

    /**
     * Reserves more bytes, waiting briefly for others to finish. False when this request alone
     * needs more than all requests may have.
     *
     * @throws ServiceException UNAVAILABLE when others hold it
     */
    private boolean grow(long more) {
      bytes += more;
      long needed = (bytes + UNIT - 1) / UNIT;
      if (needed > units) {
        return false;
      }
      int lacking = (int) needed - held;
      if (lacking <= 0) {
        return true;
      }
      try {
        if (!free.tryAcquire(lacking, patience.toMillis(), TimeUnit.MILLISECONDS)) {
          throw busy();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw busy();
      }
      held += lacking;
      return true;
    }

    private String excess() {
      return bytes
          + " bytes of memory, more than the "
          + (long) units * UNIT
          + " that all requests together may use";
    }

    private ServiceException busy() {
      return new ServiceException(
          ErrorCode.UNAVAILABLE,
          "Other requests use all memory for bodies and answers; retry later");
    }

    @Override
    public void close() {
      free.release(held);
      held = 0;
    }
  }
}
