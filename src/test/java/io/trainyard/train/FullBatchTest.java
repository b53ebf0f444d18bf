package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods of steps on all rows find the least squares of a linear model, and then stop. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FullBatchTest {
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a','b']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','name':'d','units':1,'initializer':'zeros'}]}}";

  /** y = 2a − b + 3, with errors ±0.1 that no linear model can lower. */
  private static final Subset ROWS =
      new Subset(
          4,
          Map.of("x", HostTensor.ofFloats(Shape.of(4, 2), -1, -1, -1, 1, 1, -1, 1, 1)),
          Map.of("y", HostTensor.ofFloats(Shape.of(4, 1), 2 + 0.1f, -0.1f, 6 - 0.1f, 4 + 0.1f)));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'traincgp'  | 10",
        "'traincgf'  | 10",
        "'trainscg'  | 40",
        "'trainbfg'  | 10",
      })
  void theLeastSquaresAreFound(String optimizer, int epochs) {
    TrainingOutcome.Finished outcome = train("'optimizer':" + optimizer, ROWS);

    assertThat(outcome.reason()).isEqualTo(StopReason.MIN_GRADIENT);
    assertThat(outcome.epochs()).isLessThanOrEqualTo(epochs);
    HostTensor kernel = Objects.requireNonNull(outcome.weights().get("d.weight"));
    assertThat(kernel.doubleAt(0)).isCloseTo(2, within(1e-6));
    assertThat(kernel.doubleAt(1)).isCloseTo(-1, within(1e-6));
    assertThat(Objects.requireNonNull(outcome.weights().get("d.bias")).doubleAt(0))
        .isCloseTo(3, within(1e-6));
    assertThat(Trainings.last(outcome, "loss")).isCloseTo(0.01, within(1e-6));
  }

  /** Rounding keeps the gradient above 0, and no step lowers the loss any more. */
  @ParameterizedTest
  @CsvSource({"traincgp", "traincgf", "trainscg", "trainbfg"})
  void withoutALeastGradientTheyEndWhereNoLengthLowersTheLoss(String optimizer) {
    TrainingOutcome.Finished outcome =
        train("'min_gradient':0,'optimizer':'" + optimizer + "'", ROWS);

    assertThat(outcome.reason()).isEqualTo(StopReason.MIN_GRADIENT);
    assertThat(outcome.epochs()).isLessThan(100);
  }

  /** Weights of 0 give the targets, so the gradient is 0 from the start. */
  @ParameterizedTest
  @CsvSource({"traincgp", "trainscg", "trainbfg"})
  void aGradientOfZeroEndsTheTraining(String optimizer) {
    Subset zeros =
        new Subset(
            4, ROWS.inputs(), Map.of("y", HostTensor.ofFloats(Shape.of(4, 1), new float[4])));

    TrainingOutcome.Finished outcome =
        train("'goal':-1,'min_gradient':0,'optimizer':'" + optimizer + "'", zeros);

    assertThat(outcome.reason()).isEqualTo(StopReason.MIN_GRADIENT);
    assertThat(outcome.epochs()).isEqualTo(1);
  }

  /** A training that is suspended between its last step and the end of the epoch ends there too. */
  @ParameterizedTest
  @CsvSource({"traincgp", "trainscg", "trainbfg"})
  void aSuspendedTrainingEndsAtTheSameEpoch(String optimizer) {
    int[] asked = {0};
    Recorder counting =
        new Recorder() {
          @Override
          public TrainingCommand command() {
            asked[0]++;
            return super.command();
          }
        };
    TestTraining run = run("'min_gradient':0,'optimizer':'" + optimizer + "'", ROWS);
    TrainingOutcome.Finished whole = run.finish(counting);
    for (int last = asked[0] - 8; last <= asked[0]; last++) {
      TrainingOutcome outcome = run.train(new SuspendingRecorder(last));
      if (outcome instanceof TrainingOutcome.Suspended suspended) {
        outcome = run.resuming(Objects.requireNonNull(suspended.checkpoint())).finish();
      }
      TrainingOutcome.Finished resumed = (TrainingOutcome.Finished) outcome;
      assertThat(resumed.epochs()).as("suspended at %d", last).isEqualTo(whole.epochs());
      Trainings.assertSameBits(resumed.weights(), whole.weights());
    }
  }

  private static TestTraining run(String options, Subset rows) {
    return Trainings.run(MODEL, "{'loss':'mse'," + options + "}", rows);
  }

  private static TrainingOutcome.Finished train(String options, Subset rows) {
    return run(options, rows).finish();
  }
}
