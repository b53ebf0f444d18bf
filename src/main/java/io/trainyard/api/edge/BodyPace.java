package io.trainyard.api.edge;

import io.trainyard.os.ProcessControl;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets several large bodies advance only when a thread of low priority gets a core. A fast sender
 * never makes its virtual thread wait, so four uploads would take all cores, and small requests
 * would wait for tens of milliseconds. A single one leaves them a core and is not held up.
 */
final class BodyPace implements RateCheckedBody.Pace {
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

  private final AtomicInteger bodies = new AtomicInteger();

  @Override
  public void enter() {
    bodies.incrementAndGet();
  }

  @Override
  public void leave() {
    bodies.decrementAndGet();
  }

  /** Whether bodies wait for turns: several advance. */
  boolean holdsUp() {
    return bodies.get() > 1;
  }

  /** Returns at once where no other body advances. An interrupted thread goes on, interrupted. */
  @Override
  public void awaitTurn() {
    if (!holdsUp()) {
      return;
    }
    try {
      turns.submit(() -> LockSupport.parkNanos(PAUSE_NANOS)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
