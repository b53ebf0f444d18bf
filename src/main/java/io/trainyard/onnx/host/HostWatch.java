package io.trainyard.onnx.host;

import io.trainyard.onnx.RunWatch;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Asks hosts to end runs that nobody waits for any more, and ends a host that does not follow: one
 * operator may take forever.
 */
final class HostWatch {
  /** A file that is checked may hold up what reads it; a large one needs some seconds. */
  static final Duration LONGEST_LOAD = Duration.ofMinutes(2);

  private final RunWatch runs = new RunWatch("host-watch");
  private final Duration patience;
  private final Duration longestLoad;

  /**
   * @param patience how long a run may go on after it was asked to end
   */
  HostWatch(Duration patience, Duration longestLoad) {
    this.patience = patience;
    this.longestLoad = longestLoad;
  }

  /** Ends one run, by request and then by force. */
  private final class Ending implements Runnable {
    private final HostProcess host;
    private final Lane lane;
    private final String file;
    private final BooleanSupplier stopped;
    private long stoppedAt;

    Ending(HostProcess host, Lane lane, String file, BooleanSupplier stopped) {
      this.host = host;
      this.lane = lane;
      this.file = file;
      this.stopped = stopped;
    }

    @Override
    public void run() {
      if (stoppedAt != 0) {
        if (System.nanoTime() - stoppedAt > patience.toNanos()) {
          host.overrun(file, patience);
        }
      } else if (stopped.getAsBoolean()) {
        stoppedAt = System.nanoTime();
        lane.stop(true);
      }
    }
  }

  /** Watches a file that is loaded, which must not take too long; as {@link #watch}. */
  RunWatch.Run watchLoad(HostProcess host, Lane lane, String file, BooleanSupplier stopped) {
    long end = System.nanoTime() + longestLoad.toNanos();
    return watch(host, lane, file, () -> stopped.getAsBoolean() || System.nanoTime() - end > 0);
  }

  /** Watches a run; the caller closes it before the lane serves another one. */
  RunWatch.Run watch(HostProcess host, Lane lane, String file, BooleanSupplier stopped) {
    return runs.watch(new Ending(host, lane, file, stopped));
  }
}
