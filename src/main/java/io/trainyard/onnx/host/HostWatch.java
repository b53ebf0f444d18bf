package io.trainyard.onnx.host;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks hosts to end runs that nobody waits for any more, and ends a host that does not follow: one
 * operator may take forever. One thread asks for all runs; it sleeps while there are none.
 */
final class HostWatch {
  private static final Logger log = LoggerFactory.getLogger(HostWatch.class);
  private static final long PAUSE_MILLIS = 20;

  private final long patience;

  /** Guarded by this. */
  private final Set<Run> runs = new HashSet<>();

  private boolean started;

  /**
   * @param patience how long a run may go on after it was asked to end
   */
  HostWatch(Duration patience) {
    this.patience = patience.toNanos();
  }

  /** A run that can be ended until it is closed. */
  final class Run implements AutoCloseable {
    private final HostProcess host;
    private final Lane lane;
    private final BooleanSupplier stopped;
    private long stoppedAt;

    private Run(HostProcess host, Lane lane, BooleanSupplier stopped) {
      this.host = host;
      this.lane = lane;
      this.stopped = stopped;
    }

    /** Under the watch's lock, so that the lane still belongs to the run. */
    private void check() {
      try {
        endIfStopped();
      } catch (RuntimeException | Error e) {
        log.debug("A run is asked again", e); // without this thread, no run would end
      }
    }

    private void endIfStopped() {
      if (stoppedAt != 0) {
        if (System.nanoTime() - stoppedAt > patience) {
          host.overrun(Duration.ofNanos(patience));
        }
      } else if (stopped.getAsBoolean()) {
        stoppedAt = System.nanoTime();
        lane.stop(true);
      }
    }

    @Override
    public void close() {
      synchronized (HostWatch.this) {
        runs.remove(this);
      }
    }
  }

  /** Watches a run; the caller closes it before the lane serves another one. */
  synchronized Run watch(HostProcess host, Lane lane, BooleanSupplier stopped) {
    if (!started) {
      started = true;
      Thread.ofPlatform().daemon().name("host-watch").start(this::loop);
    }
    Run run = new Run(host, lane, stopped);
    runs.add(run);
    if (runs.size() == 1) {
      notifyAll();
    }
    return run;
  }

  private void loop() {
    try {
      while (true) {
        synchronized (this) {
          while (runs.isEmpty()) {
            wait();
          }
          runs.forEach(Run::check);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the process ends
    }
  }
}
