package io.trainyard.api.edge;

import io.trainyard.os.ProcessControl;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets large bodies advance only when a thread of low priority gets a core. A fast sender never
 * makes its virtual thread wait, so four uploads would take all cores, and small requests would
 * wait for tens of milliseconds.
 */
final class BodyPace {
  private static final int NICE = 10;

  /** Between two turns, so that several waiting bodies do not go on together. */
  private static final long PAUSE_NANOS = 100_000;

  private final ExecutorService turns =
      Executors.newFixedThreadPool(
          Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
          work ->
              Thread.ofPlatform()
                  .daemon()
                  .name("body-pace")
                  .unstarted(
                      () -> {
                        ProcessControl.lowerThreadPriority(NICE);
                        work.run();
                      }));

  /** Waits for a turn. An interrupted thread goes on, still interrupted. */
  void awaitTurn() {
    try {
      turns.submit(() -> LockSupport.parkNanos(PAUSE_NANOS)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
