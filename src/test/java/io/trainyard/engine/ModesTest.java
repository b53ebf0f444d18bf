package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step or an evaluation that fails anywhere leaves the modes of its thread as they were. */
class ModesTest {
  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
              + "{'type':'dense','units':3,'activation':'gelu'},{'type':'dense','units':2}]}}");
  private static final Subset ROWS =
      new Subset(
          3,
          Map.of("x", HostTensor.ofFloats(Shape.of(3, 4), 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3)),
          Map.of("t", HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6)));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'precision':'bfloat16'",
        "'optimizer':'trainlm','batch_size':3",
        "'optimizer':'bfgs','batch_size':3",
        "'optimizer':{'type':'lbfgs','line_search':'strong_wolfe'}",
        "'ema':{'decay':0.9}",
      })
  void areRestoredAfterAnException(String training) {
    TrainingPlan plan =
        TestEngine.plan(MODEL, "{'loss':'mse','epochs':1," + training + "}", Map.of());
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              boolean ended = true;
              for (int last = 1; ended; last++) {
                ended = isEnded(plan, last);
                assertThat(ended || last > 4).isTrue();
                assertModes();
              }
            });
  }

  /** Whether a step and an evaluation were ended the nth time that they asked. */
  private static boolean isEnded(TrainingPlan plan, int nth) {
    AtomicInteger left = new AtomicInteger(nth);
    try (TrainingSession session = TestEngine.get().session(plan);
        ResidentSubset rows = session.load(ROWS)) {
      session.beginEpoch(rows, 0, 1, false);
      session.stopWhen(() -> left.decrementAndGet() == 0);
      session.step(rows, 0, 3, null);
      session.withPublishedWeights(() -> session.evaluate(rows, 0, 3, null));
      return false;
    } catch (CancellationException e) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"float32", "bfloat16"})
  void areRestoredWhenALayerFails(String precision) {
    TrainingPlan plan =
        TestEngine.plan(
            MODEL, "{'loss':'mse','epochs':1,'precision':'" + precision + "'}", Map.of());
    Subset tooNarrow =
        new Subset(
            3, Map.of("x", HostTensor.ofFloats(Shape.of(3, 3), new float[9])), ROWS.targets());
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (TrainingSession session = TestEngine.get().session(plan);
                  ResidentSubset rows = session.load(tooNarrow)) {
                session.beginEpoch(rows, 0, 1, false);
                assertThatThrownBy(() -> session.step(rows, 0, 3, null))
                    .isInstanceOf(RuntimeException.class);
                assertThatThrownBy(() -> session.evaluate(rows, 0, 3, null))
                    .isInstanceOf(RuntimeException.class);
              }
              assertModes();
            });
  }

  private static void assertModes() {
    assertThat(GradMode.is_enabled()).as("gradients").isTrue();
    assertThat(InferenceMode.is_enabled()).as("inference").isFalse();
    assertThat(torch.is_autocast_enabled(DeviceType.CPU)).as("autocast").isFalse();
    assertThat(torch.is_autocast_cache_enabled()).as("autocast's cache").isTrue();
  }
}
