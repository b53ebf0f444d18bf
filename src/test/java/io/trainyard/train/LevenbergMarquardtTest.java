package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Levenberg–Marquardt solves what MATLAB's users solve with trainlm. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LevenbergMarquardtTest {
  private static final int SEEDS = 6;
  private static final String MODEL =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[%s]}}";

  @Test
  void threePeriodsOfASineAreFitted() {
    List<String> runs = new ArrayList<>();
    int solved = 0;
    for (int seed = 1; seed <= SEEDS; seed++) {
      long start = System.nanoTime();
      TrainingOutcome.Finished outcome =
          Trainings.run(
                  model(10, "tanh", "linear"),
                  "{'loss':'mse','optimizer':'trainlm','epochs':300,'goal':1e-6}",
                  sine())
              .withSeed(seed)
              .finish();
      runs.add(
          "%s after %d epochs, %.3f s, loss %s"
              .formatted(
                  outcome.reason(),
                  outcome.epochs(),
                  (System.nanoTime() - start) / 1e9,
                  Trainings.last(outcome, "loss")));
      solved += outcome.reason() == StopReason.GOAL ? 1 : 0;
    }
    assertThat(solved).as(runs.toString()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void xorIsLearnedByTwoHiddenUnits() {
    double least = Double.MAX_VALUE;
    for (int seed = 1; seed <= SEEDS; seed++) {
      TrainingOutcome.Finished outcome =
          Trainings.run(
                  model(2, "sigmoid", "sigmoid").replace("['a']", "['a','b']"),
                  "{'loss':'mse','optimizer':'levenberg_marquardt','epochs':300}",
                  Trainings.xor())
              .withSeed(seed)
              .finish();
      least = Math.min(least, Trainings.last(outcome, "loss"));
    }
    assertThat(least).isLessThanOrEqualTo(1e-4);
  }

  /** Dense layers on sequences, and layers that are differentiated row by row. */
  @Test
  void everyLayerIsFollowed() {
    Subset rows = Trainings.rows(12, 3, Shape.of(4, 2));
    Map<String, HostTensor> numbers =
        Map.of("y", HostTensor.ofFloats(Shape.of(12, 1), 1, 2, 0, 1, 2, 0, 1, 1, 0, 2, 0, 1));
    for (String layers :
        List.of(
            "{'type':'dense','units':2,'activation':'tanh'},{'type':'flatten'}",
            "{'type':'lstm','units':3}",
            "{'type':'dense','name':'a','units':2,'activation':'tanh'},"
                + "{'type':'dense','share':'a','units':2,'activation':'tanh'},{'type':'flatten'}",
            "{'type':'conv1d','filters':2,'kernel_size':2,'activation':'tanh'},{'type':'flatten'}")) {
      TrainingOutcome.Finished outcome =
          Trainings.run(
                  MODEL.formatted(layers + ",{'type':'dense','units':1}"),
                  "{'loss':'sse','optimizer':'trainlm','epochs':100,'goal':1e-8}",
                  new Subset(12, rows.inputs(), numbers))
              .finish();
      assertThat(outcome.reason()).as(layers).isEqualTo(StopReason.GOAL);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trainlm", "trainbr"})
  void aSuspendedTrainingEndsWithTheSameBits(String optimizer) {
    TestTraining run =
        Trainings.run(
            model(5, "tanh", "linear"),
            "{'loss':'mse','optimizer':{'type':'%s','mu':5,'mu_dec':0.3},'epochs':12,'publish':'last'}"
                .formatted(optimizer),
            sine());
    TrainingOutcome.Finished whole = run.finish();
    for (int asked : new int[] {3, 20, 90}) {
      var suspended = (TrainingOutcome.Suspended) run.train(new SuspendingRecorder(asked));
      TrainingOutcome.Finished resumed = run.resuming(suspended.checkpoint()).finish();
      Trainings.assertSameBits(resumed.weights(), whole.weights());
      assertThat(resumed.epochs()).isEqualTo(12);
    }
  }

  @Test
  void aStepAsksWhetherToStopInEveryPass() {
    int[] asked = {0};
    Recorder listener =
        new Recorder() {
          @Override
          public TrainingCommand command() {
            asked[0]++;
            return TrainingCommand.CONTINUE;
          }
        };
    Trainings.run(
            model(5, "tanh", "linear"), "{'loss':'mse','optimizer':'trainlm','epochs':1}", sine())
        .finish(listener);

    assertThat(asked[0]).isGreaterThanOrEqualTo(14);
  }

  /** Two rows that contradict each other: nothing is better than their mean. */
  @Test
  void trainingEndsWhenNoStepIsBetter() {
    TrainingOutcome.Finished outcome =
        Trainings.run(
                model(2, "tanh", "linear"),
                "{'loss':'mse','optimizer':'trainlm','min_gradient':0}",
                new Subset(
                    2,
                    Map.of("x", HostTensor.ofFloats(Shape.of(2, 1), 1, 1)),
                    Map.of("y", HostTensor.ofFloats(Shape.of(2, 1), 0, 1))))
            .finish();

    assertThat(outcome.reason()).isEqualTo(StopReason.MU_MAX);
    assertThat(outcome.epochs()).isLessThan(100);
    assertThat(Trainings.last(outcome, "loss")).isCloseTo(0.25, within(1e-12));
  }

  private static Subset sine() {
    int rows = 121;
    float[] x = new float[rows];
    float[] y = new float[rows];
    for (int i = 0; i < rows; i++) {
      x[i] = -1 + 2f * i / (rows - 1);
      y[i] = (float) Math.sin(3 * Math.PI * x[i]);
    }
    Shape shape = Shape.of(rows, 1);
    return new Subset(
        rows,
        Map.of("x", HostTensor.ofFloats(shape, x)),
        Map.of("y", HostTensor.ofFloats(shape, y)));
  }

  private static String model(int units, String hidden, String last) {
    return MODEL.formatted(
        ("{'type':'dense','units':%d,'activation':'%s','initializer':'nguyen_widrow'},"
                + "{'type':'dense','units':1,'activation':'%s','initializer':'nguyen_widrow'}")
            .formatted(units, hidden, last));
  }
}
