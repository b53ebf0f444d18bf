package io.trainyard.onnx.host;

import io.trainyard.access.Identity;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done for hosts while no caller waits for it, one task after the other. */
final class HostTasks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostTasks.class);

  /** A host that lived for less would end as soon again. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(3);

  private static final Duration PAUSE = Duration.ofSeconds(3);

  private final String name;
  private final ScheduledExecutorService executor;

  HostTasks(String name) {
    this.name = name;
    this.executor =
        Executors.newSingleThreadScheduledExecutor(
            Identity.service().threads(Thread.ofPlatform().daemon().name(name)));
  }

  void add(Runnable task) {
    add(Duration.ZERO, task);
  }

  /** Starts another host than the one that was lost; later if that one did not live for long. */
  void restart(HostProcess lost, Runnable start) {
    add(lost.age().compareTo(SHORT_LIFE) < 0 ? PAUSE : Duration.ZERO, start);
  }

  /** Runs a task after a pause. */
  void add(Duration pause, Runnable task) {
    try {
      var _ =
          executor.schedule(
              () -> {
                try {
                  task.run();
                } catch (RuntimeException e) {
                  log.warn("Task of {}: {}", name, e.getMessage());
                }
              },
              pause.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("{} have ended", name);
    }
  }

  @Override
  public void close() {
    var _ = executor.shutdownNow();
  }
}
