package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.concurrent.atomic.AtomicLong;

/** The memory that all predictions under way may use for their inputs and outputs. */
public final class ByteBudget {
  /** Small requests are counted in steps of this size, so that their count is bounded too. */
  private static final long LEAST = 64;

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  public ByteBudget(long limit) {
    this.limit = limit;
  }

  long used() {
    return used.get();
  }

  Reservation open() {
    return new Reservation(this);
  }

  /** The bytes of one prediction, given back when it is closed. One thread uses it at a time. */
  public static final class Reservation implements AutoCloseable {
    private final ByteBudget budget;
    private long held;

    private Reservation(ByteBudget budget) {
      this.budget = budget;
    }

    /**
     * Reserves memory for rows.
     *
     * @param what the rows' inputs or outputs
     * @throws ServiceException BODY_TOO_LARGE when this prediction alone exceeds the budget;
     *     QUEUE_FULL when others use it now
     */
    public void add(long rows, long rowBytes, String what) {
      long bytes = Math.max(LEAST, rowBytes);
      if (rows > (budget.limit - held) / bytes) {
        throw new ServiceException(
            ErrorCode.BODY_TOO_LARGE,
            "%d rows or more with %d bytes of %s each exceed half of trainyard.predict.memory, %d bytes; send fewer rows at once"
                .formatted(rows, rowBytes, what, budget.limit));
      }
      long needed = rows * bytes;
      if (budget.used.addAndGet(needed) > budget.limit) {
        budget.used.addAndGet(-needed);
        throw new ServiceException(
            ErrorCode.QUEUE_FULL,
            "The predictions under way use half of trainyard.predict.memory, "
                + budget.limit
                + " bytes");
      }
      held += needed;
    }

    public long held() {
      return held;
    }

    /** Gives back what was added since this many bytes were held. */
    public void reduceTo(long bytes) {
      budget.used.addAndGet(bytes - held);
      held = bytes;
    }

    @Override
    public void close() {
      reduceTo(0);
    }
  }
}
