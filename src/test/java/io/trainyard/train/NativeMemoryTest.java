package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.natives.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Isolated("memory of the process is measured")
@Tag("slow")
class NativeMemoryTest {
  private static final String TRAINING =
      "{'loss':'binary_crossentropy','optimizer':{'type':'adam'},'epochs':2,'batch_size':3,"
          + "'metrics':['accuracy']}";

  private static final int TRAININGS = 1000;

  @Test
  void manyTrainingsDoNotGrowMemory() {
    TestTraining run =
        Trainings.run(Trainings.XOR_MODEL, TRAINING, Trainings.xor(), Trainings.xor());
    train(run, TRAININGS * 3 / 2);
    List<NativeMemory> before = readings(run);
    train(run, TRAININGS);
    List<NativeMemory> after = readings(run);

    // The JVM's compiler and heap vary, so the lowest reading is compared with the highest.
    assertThat((double) lowest(after, NativeMemory::allocated))
        .as("bytes allocated by malloc, ± 3 %%")
        .isLessThan(highest(before, NativeMemory::allocated) * 1.03);
    assertThat((double) lowest(after, NativeMemory::resident))
        .as("resident bytes, ± 3 %%")
        .isLessThan(highest(before, NativeMemory::resident) * 1.03);
  }

  private static List<NativeMemory> readings(TestTraining run) {
    List<NativeMemory> readings = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      train(run, TRAININGS / 10);
      // The garbage collector frees the host tensors of the results.
      System.gc();
      NativeMemory.trim();
      readings.add(NativeMemory.now());
    }
    return readings;
  }

  private static long lowest(List<NativeMemory> readings, ToLongFunction<NativeMemory> of) {
    return readings.stream().mapToLong(of).min().orElseThrow();
  }

  private static long highest(List<NativeMemory> readings, ToLongFunction<NativeMemory> of) {
    return readings.stream().mapToLong(of).max().orElseThrow();
  }

  private static void train(TestTraining run, int times) {
    for (int i = 0; i < times; i++) {
      run.finish();
    }
  }
}
