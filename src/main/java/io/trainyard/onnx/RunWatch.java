package io.trainyard.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends runs that nobody waits for any more, between two of their operators. One thread asks for all
 * runs; it sleeps while there are none.
 */
final class RunWatch {
  private static final Logger log = LoggerFactory.getLogger(RunWatch.class);

  private static final long PAUSE_MILLIS = 20;

  /** Guarded by this. */
  private final Set<Run> runs = new HashSet<>();

  private boolean started;

  /** A run that can be ended until it is closed. */
  final class Run implements AutoCloseable {
    private final RunOptions options;
    private final BooleanSupplier stopped;

    private Run(RunOptions options, BooleanSupplier stopped) {
      this.options = options;
      this.stopped = stopped;
    }

    /** Under the watch's lock, so that the options are still open. */
    private void check() {
      try {
        if (stopped.getAsBoolean()) {
          options.setTerminate(true);
        }
      } catch (OrtException e) {
        log.warn("A run of ONNX Runtime could not be ended", e);
      }
    }

    @Override
    public void close() {
      synchronized (RunWatch.this) {
        runs.remove(this);
      }
    }
  }

  /** Watches a run; the caller closes it before the options. */
  synchronized Run watch(RunOptions options, BooleanSupplier stopped) {
    if (!started) {
      started = true;
      Thread.ofPlatform().daemon().name("onnx-watch").start(this::loop);
    }
    Run run = new Run(options, stopped);
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
          List<Run> all = new ArrayList<>(runs);
          all.forEach(Run::check);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the process ends
    }
  }
}
