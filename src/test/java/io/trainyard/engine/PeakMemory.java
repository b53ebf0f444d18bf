package io.trainyard.engine;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Measures the peak of memory of a training, as the kernel counts it. */
public final class PeakMemory {
  private PeakMemory() {}

  /**
   * The bytes that a session adds at most while it makes a step of a batch, evaluates a number of
   * rows, keeps its best weights and gives a copy of them.
   */
  public static long of(TrainingPlan plan, int batch, int evaluated) throws IOException {
    Engine engine = TestEngine.get();
    Subset subset = subset(plan, Math.max(batch, evaluated));
    System.gc();
    NativeMemory.trim();
    // Sets the peak of the resident set to its present size.
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    long before = highWater();
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
    return highWater() - before;
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

  private static long highWater() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IllegalStateException("the kernel tells no peak");
  }
}
