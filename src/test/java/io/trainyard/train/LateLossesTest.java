package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TestEngine;
import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Losses that are read after several steps, as on a GPU, tell the same as those of each step. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LateLossesTest {
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','name':'fine','units':2},{'type':'dropout','rate':0.2},"
          + "{'type':'activation','name':'blows','function':'exponential'},"
          + "{'type':'dense','name':'l','units':1}]}}";

  private static TrainingOutcome late(TestTraining run, TrainingListener listener) {
    Engine engine = TestEngine.get();
    return engine
        .threads()
        .call(
            1,
            () -> {
              Trainer.Attempt attempt = Trainer.Attempt.from(run.resume(), 1, listener, 0);
              EpochRun epochRun = EpochRun.whole(run.plan().training());
              try (TrainingSession session = engine.session(run.plan())) {
                session.losses().readEach(false);
                try (TrainingLoop loop =
                    TrainingLoop.of(
                        session, run.plan(), run.data(), run.resume(), epochRun, attempt)) {
                  return loop.run();
                }
              }
            });
  }

  private static TestTraining training(double learningRate) {
    return Trainings.run(
        MODEL,
        "{'loss':'mse','optimizer':{'type':'adam','learning_rate':%s},'epochs':9,'batch_size':4}"
            .formatted(learningRate),
        rows());
  }

  private static Subset rows() {
    float[] numbers = new float[30];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(i);
    }
    HostTensor column = HostTensor.ofFloats(Shape.of(30, 1), numbers);
    return new Subset(30, Map.of("x", column), Map.of("y", column));
  }

  @Test
  void giveTheSameCurveAndWeights() {
    TestTraining run = training(0.01);
    Recorder each = new Recorder();
    Recorder late = new Recorder();

    Map<String, HostTensor> expected = run.finish(each).weights();
    TrainingOutcome.Finished outcome = (TrainingOutcome.Finished) late(run, late);

    Trainings.assertSameBits(outcome.weights(), expected);
    assertThat(late.epochs)
        .extracting(EpochRecord::values)
        .isEqualTo(each.epochs.stream().map(EpochRecord::values).toList());
  }

  @Test
  void failAtTheSameStepAndLayer() {
    TestTraining run = training(40);
    NonFiniteLossException[] expected = new NonFiniteLossException[1];
    assertThatThrownBy(() -> run.finish())
        .isInstanceOfSatisfying(NonFiniteLossException.class, e -> expected[0] = e);
    Recorder recorder = new Recorder();
    recorder.wantsCheckpoints = true;

    assertThatThrownBy(() -> late(run, recorder))
        .isInstanceOfSatisfying(
            NonFiniteLossException.class,
            e -> {
              assertThat(e.epoch()).isEqualTo(expected[0].epoch());
              assertThat(e.step()).isEqualTo(expected[0].step()).isGreaterThan(1);
              assertThat(e.layer()).isEqualTo(expected[0].layer()).isNotEmpty();
            });
    for (Checkpoint checkpoint : recorder.checkpoints) {
      checkpoint.tensors(Checkpoint.WEIGHTS).forEach((name, tensor) -> assertFinite(name, tensor));
    }
  }

  private static void assertFinite(String name, HostTensor tensor) {
    for (long i = 0; i < tensor.shape().elements(); i++) {
      assertThat(tensor.doubleAt(i)).as(name).isFinite();
    }
  }
}
