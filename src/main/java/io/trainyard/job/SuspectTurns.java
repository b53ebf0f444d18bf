package io.trainyard.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets a job that may have crashed a worker run while no other job does, so that a second crash
 * shows which job is the cause. Nobody waits here: a job that gets no turn goes back to the queue,
 * where callers can cancel it and other workers can take it.
 */
final class SuspectTurns {
  /**
   * The most time in which the jobs that run suspend, and the suspect comes from the queue again.
   */
  private static final Duration RESERVATION = Duration.ofSeconds(30);

  private int running;
  private boolean suspectRuns;
  private long reservedUntil = System.nanoTime();

  /** A turn of a job that is no suspect; null while a suspect runs or is next. */
  synchronized @Nullable Turn take() {
    return suspectRuns || isReserved() ? null : begin(false);
  }

  /** A turn of a suspect; null while another job runs. */
  synchronized @Nullable Turn takeAlone() {
    return running > 0 ? null : begin(true);
  }

  /** Lets no job start for a while, except a suspect. */
  synchronized void reserve() {
    reservedUntil = System.nanoTime() + RESERVATION.toNanos();
  }

  private boolean isReserved() {
    return System.nanoTime() - reservedUntil < 0;
  }

  private Turn begin(boolean suspect) {
    running++;
    suspectRuns = suspect;
    if (suspect) {
      reservedUntil = System.nanoTime();
    }
    return this::end;
  }

  private synchronized void end() {
    running--;
    suspectRuns = false;
  }

  /** The time in which a job runs. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }
}
