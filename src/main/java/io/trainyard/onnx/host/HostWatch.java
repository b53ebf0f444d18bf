package io.trainyard.onnx.host;

import io.trainyard.onnx.RunWatch;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Asks hosts to end runs that nobody waits for any more, and ends a host that does not follow: one
 * operator may take forever.
 */
final class HostWatch {
  private final RunWatch runs = new RunWatch("host-watch");
  private final Duration patience;

  /**
   * @param patience how long a run may go on after it was asked to end
   */
  HostWatch(Duration patience) {
    this.patience = patience;
  }

  /** Ends one run, by request and then by force. */
  private final class Ending implements Runnable {
    private final HostProcess host;
    private final Lane lane;
    private final BooleanSupplier stopped;
    private long stoppedAt;

    Ending(HostProcess host, Lane lane, BooleanSupplier stopped) {
      this.host = host;
      this.lane = lane;
      this.stopped = stopped;
    }

    @Override
    public void run() {
      if (stoppedAt != 0) {
        if (System.nanoTime() - stoppedAt > patience.toNanos()) {
          host.overrun(patience);
        }
      } else if (stopped.getAsBoolean()) {
        stoppedAt = System.nanoTime();
        lane.stop(true);
      }
    }
  }

  /** Watches a run; the caller closes it before the lane serves another one. */
  RunWatch.Run watch(HostProcess host, Lane lane, BooleanSupplier stopped) {
    return runs.watch(new Ending(host, lane, stopped));
  }
}
