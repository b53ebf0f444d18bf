package io.trainyard.engine;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Measures the peak of memory of a training, as the kernel counts it. */
public final class PeakMemory {
  private PeakMemory() {}

  /** How often a measure is repeated while other memory changes beside it. */
  private static final int TRIES = 12;

  /** How many measures are taken: what compiles code beside one of them only adds to it. */
  private static final int MEASURES = 3;

  /** What other memory may change by in a measure: a part of what is measured at least. */
  private static final long CHANGED = 4L << 20;

  /**
   * The bytes that a session adds at most while it makes a step of a batch, evaluates a number of
   * rows, keeps its best weights and gives a copy of them.
   */
  public static long of(TrainingPlan plan, int batch, int evaluated) throws IOException {
    Engine engine = TestEngine.get();
    Subset subset = subset(plan, Math.max(batch, evaluated));
    // The first training of a kind loads code and fills caches, whatever its size.
    train(engine, plan, subset, batch, evaluated);
    long least = Long.MAX_VALUE;
    int measures = 0;
    for (int i = 0; i < TRIES && measures < MEASURES; i++) {
      System.gc();
      NativeMemory.trim();
      settle();
      // Sets the peak of the resident set to its present size.
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
      long before = bytes("VmHWM");
      long other = other();
      train(engine, plan, subset, batch, evaluated);
      long peak = bytes("VmHWM") - before;
      // A collector that shrinks the heap, or a kernel that takes pages of mapped files, would
      // hide as much of what the session took; a heap that grows would add to it.
      if (Math.abs(other() - other) <= CHANGED) {
        least = Math.min(least, peak);
        measures++;
      }
    }
    if (measures == 0) {
      throw new IllegalStateException("other memory of the process changed in each of the tries");
    }
    return least;
  }

  /** Waits until the collector, which gives memory back in a thread of its own, has done so. */
  private static void settle() throws IOException {
    long last = 0;
    for (int steady = 0; steady < 5; ) {
      long now = bytes("VmRSS");
      steady = Math.abs(now - last) < CHANGED / 4 ? steady + 1 : 0;
      last = now;
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** The bytes of the Java heap and of mapped files. */
  private static long other() throws IOException {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted()
        + bytes("RssFile");
  }

  private static void train(
      Engine engine, TrainingPlan plan, Subset subset, int batch, int evaluated) {
    engine
        .threads()
        .run(
            1,
            () -> {
              try (TrainingSession session = engine.session(plan);
                  ResidentSubset rows = session.load(subset)) {
                session.beginEpoch(rows, 0, 1, true);
                session.step(rows, 0, batch, null);
                session.keepBest();
                session.evaluate(rows, 0, evaluated, null);
                session.weights();
              }
            });
  }

  private static Subset subset(TrainingPlan plan, int rows) {
    Map<String, HostTensor> inputs = new HashMap<>();
    for (var input : plan.shapes().inputs().entrySet()) {
      ElementType type =
          plan.network().readsIndices(input.getKey()) ? ElementType.INT64 : ElementType.FLOAT32;
      inputs.put(input.getKey(), HostTensor.allocate(type, input.getValue().batched(rows)));
    }
    return new Subset(
        rows, inputs, Map.of("t", HostTensor.allocate(ElementType.FLOAT32, Shape.of(rows, 2))));
  }

  private static long bytes(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IllegalStateException("the kernel does not tell " + name);
  }
}
