package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A training that cannot begin leaves no tensor, which on a GPU would be missing for later jobs.
 */
@Isolated("native objects of the process are counted")
class FailedTrainingLeakTest {
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','name':'y','units':1}]}}";

  private static final String TRAINING = "{'loss':'mse','epochs':2}";

  private static Subset rows(int targets) {
    return new Subset(
        3,
        Map.of("x", HostTensor.ofFloats(Shape.of(3, 1), 1, 2, 3)),
        targets == 0 ? Map.of() : Map.of("y", HostTensor.ofFloats(Shape.of(3, 1), 1, 0, 1)));
  }

  private static void assertNothingIsLeft(TestTraining training) {
    assertThatThrownBy(training::finish).isInstanceOf(RuntimeException.class);
    long kept = NativeHandles.kept();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(training::finish).isInstanceOf(RuntimeException.class);
    }
    assertThat(NativeHandles.kept()).isEqualTo(kept);
  }

  @Test
  void whenALaterPartOfTheRowsCannotBeLoaded() {
    assertNothingIsLeft(Trainings.run(MODEL, TRAINING, rows(1), rows(0)));
    assertNothingIsLeft(Trainings.run(MODEL, TRAINING, rows(1), rows(1), rows(0)));
  }

  @Test
  void whenItsCheckpointCannotBeRestored() {
    TestTraining training = Trainings.run(MODEL, TRAINING, rows(1), rows(1));
    SuspendingRecorder recorder = new SuspendingRecorder(1);
    TrainingOutcome.Suspended suspended = (TrainingOutcome.Suspended) training.train(recorder);
    Checkpoint whole = Objects.requireNonNull(suspended.checkpoint());
    assertNothingIsLeft(training.resuming(new Checkpoint(whole.position(), Map.of())));
  }
}
