package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The estimate of a step's memory against the peak that the kernel measures. */
class StepMemoryTest {
  private final Engine engine = TestEngine.get();

  /** Layers whose inner values are far larger than their outputs: 20 to 400 MB for one row. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'repeat','name':'r','n':3000},{'type':'slice','name':'a','axis':1,'end':1},"
            + "{'type':'permute','name':'b','inputs':['a'],'axes':[1,0]},"
            + "{'type':'lambda','inputs':['a','b'],'expression':'mean(sin(a * b) ^ 2)'}",
        "{'type':'reshape','shape':[2,2,1]},"
            + "{'type':'max_pool2d','pool_size':4001,'padding':'same'},{'type':'flatten'}",
        "{'type':'repeat','n':1200},{'type':'transformer_encoder','heads':4,'ff_dim':64,"
            + "'dropout':0.1},{'type':'global_avg_pool'}",
        "{'type':'repeat','n':1000},{'type':'gru','units':512},{'type':'flatten'}",
        "{'type':'repeat','n':1000},{'type':'lstm','units':512},{'type':'flatten'}",
        "{'type':'repeat','n':10000},{'type':'dense','units':128,'activation':'gelu'},"
            + "{'type':'multi_head_attention','heads':4,'key_dim':32},{'type':'global_avg_pool'}"
      })
  void theEstimateIsAtLeastHalfOfThePeak(String layers) throws IOException {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
                + layers
                + ",{'type':'dense','name':'y','units':2}]}}");
    NetworkShapes shapes = TestEngine.shapes(model);
    long estimate = shapes.weightBytes() + shapes.batchBytes(1);

    long peak =
        peak(
            TestEngine.plan(
                model, "{'loss':'mse','epochs':1,'optimizer':{'type':'adam'}}", Map.of()));

    assertThat(estimate).as("peak %d MB", peak >> 20).isGreaterThan(peak / 2);
    assertThat(peak).as("the case measures something").isGreaterThan(20L << 20);
  }

  private long peak(TrainingPlan plan) throws IOException {
    Subset row =
        new Subset(
            1,
            Map.of("x", HostTensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4)),
            Map.of("t", HostTensor.ofFloats(Shape.of(1, 2), 0, 1)));
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
                  ResidentSubset rows = session.load(row)) {
                session.beginEpoch(rows, 0, 1, false);
                session.step(rows, 0, 1, null);
              }
            });
    return highWater() - before;
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
