package io.trainyard.onnx;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at runs while they go on, so that those end for which nobody waits any more. One thread
 * looks at all of them; it sleeps while there are none.
 */
public final class RunWatch {
  private static final Logger log = LoggerFactory.getLogger(RunWatch.class);
  private static final long PAUSE_MILLIS = 20;
  private static final long PAUSE_NANOS = 20_000_000;

  private final String thread;

  /** Guarded by this. */
  private final Set<Run> runs = new HashSet<>();

  private boolean started;

  /**
   * Watches nothing yet.
   *
   * @param thread the name of its thread
   */
  public RunWatch(String thread) {
    this.thread = thread;
  }

  /** A run that is looked at until it is closed. */
  public final class Run implements AutoCloseable {
    private final Runnable look;

    private Run(Runnable look) {
      this.look = look;
    }

    /** Under the watch's lock, so that what the run uses is still its own. */
    private void check() {
      try {
        look.run();
      } catch (RuntimeException | Error e) {
        log.debug("A run is looked at again", e); // without this thread, no run would end
      }
    }

    @Override
    public void close() {
      synchronized (RunWatch.this) {
        runs.remove(this);
      }
    }
  }

  /**
   * Watches a run; the caller closes it before it frees what the run uses.
   *
   * @param look ends the run if nobody waits for it
   */
  public synchronized Run watch(Runnable look) {
    if (!started) {
      started = true;
      Thread.ofPlatform().daemon().name(thread).start(this::loop);
    }
    Run run = new Run(look);
    runs.add(run);
    if (runs.size() == 1) {
      notifyAll();
    }
    return run;
  }

  private void loop() {
    while (true) {
      try {
        synchronized (this) {
          while (runs.isEmpty()) {
            wait();
          }
          Set.copyOf(runs).forEach(Run::check);
        }
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the process ends
        return;
      } catch (Throwable _) {
        LockSupport.parkNanos(PAUSE_NANOS); // it takes no memory, which may be what lacks
      }
    }
  }
}
