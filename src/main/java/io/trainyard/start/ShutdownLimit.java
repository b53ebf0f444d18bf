package io.trainyard.start;

import java.time.Duration;

/**
 * Ends the process a limited time after SIGTERM, whatever still runs: a native call of minutes
 * cannot be interrupted. Its job has been requeued by then.
 */
public final class ShutdownLimit {
  /** For what follows after the jobs: the end of other requests, the database. */
  private static final Duration AFTER_JOBS = Duration.ofSeconds(4);

  /** The exit code of a process that SIGTERM ended. */
  private static final int TERMINATED = 143;

  private ShutdownLimit() {}

  /**
   * Counts from the moment when the process begins to end.
   *
   * @param jobs the time that running jobs get, after that in which requests go on
   */
  public static void start(Duration jobs) {
    Runnable halt =
        () -> {
          try {
            Thread.sleep(jobs.plus(AFTER_JOBS));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
          Runtime.getRuntime().halt(TERMINATED);
        };
    Runtime.getRuntime()
        .addShutdownHook(
            // A daemon, so that a process which ends in time does not wait for it.
            Thread.ofPlatform()
                .unstarted(() -> Thread.ofPlatform().name("shutdown-limit").daemon().start(halt)));
  }
}
