package io.trainyard.predict.compute;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Small networks on the threads of their callers, at most one at a time for each core. Between two
 * slices of a large request, other callers get their turn.
 */
public final class CallerTurns {
  private final Semaphore turns;

  public CallerTurns(int cores) {
    turns = new Semaphore(cores);
  }

  /**
   * Computes all steps.
   *
   * @throws ServiceException UNAVAILABLE when time is over before a step, or the caller has left
   */
  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that yields lets others run
  public <T> T call(ComputeQueue.Work<T> work, Deadline deadline) {
    while (true) {
      if (deadline.isOver() || deadline.hasLeft().getAsBoolean()) {
        throw deadline.missed();
      }
      T result = step(work);
      if (result != null) {
        return result;
      }
      Thread.yield();
    }
  }

  private <T> @Nullable T step(ComputeQueue.Work<T> work) {
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
    }
    try {
      return work.next(() -> false);
    } finally {
      turns.release();
    }
  }
}
