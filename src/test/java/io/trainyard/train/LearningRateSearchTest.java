package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The range test against PyTorch Lightning's, and the training after it. */
class LearningRateSearchTest {
  private static final JsonNode GOLDEN = Golden.read("learning_rates.json");

  private static final String NOISY =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y','type':'class'}},"
          + "'network':{'layers':[{'type':'dense','units':6},{'type':'batch_norm'},"
          + "{'type':'dropout','rate':0.3},{'type':'dense','units':3,'activation':'softmax'}]}}";

  private static TestTraining golden(String members) {
    HostTensor x = Golden.tensor(GOLDEN.get("x"));
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},'network':"
            + "{'layers':[{'type':'dense','units':5,'activation':'tanh'},{'type':'dense','units':1}]}}";
    return Trainings.run(
            model,
            "{'loss':'mse','optimizer':'sgd','epochs':2,'batch_size':4,'shuffle':false,"
                + members
                + "}",
            new Subset(
                x.shape().axis(0), Map.of("x", x), Map.of("y", Golden.tensor(GOLDEN.get("y")))))
        .startingFrom(Golden.tensors(GOLDEN.get("weights")));
  }

  private static TestTraining noisy(String members) {
    return Trainings.run(
        NOISY,
        "{'loss':'categorical_crossentropy','batch_size':8,'epochs':3," + members + "}",
        Trainings.rows(33, 1, Shape.of(4)),
        Trainings.rows(12, 2, Shape.of(4)));
  }

  private static LearningRateCurve search(TestTraining run) {
    return ((TrainingOutcome.Searched) run.train(new Recorder())).learningRates();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void lossesAndSuggestionAreLightnings(int index) {
    JsonNode golden = GOLDEN.at("/searches/" + index);
    LearningRateCurve curve =
        search(
            golden(
                "'find_learning_rate':{'min':%s,'max':%s,'steps':%s}"
                    .formatted(golden.get("min"), golden.get("max"), golden.get("steps"))));
    assertThat(curve.points()).hasSize(golden.get("losses").size());
    for (int i = 0; i < curve.points().size(); i++) {
      // As for trajectories: rounding grows from step to step.
      double expected = golden.get("losses").get(i).doubleValue();
      assertThat(curve.points().get(i).loss()).isCloseTo(expected, Offset.offset(2e-4 * expected));
    }
    assertThat(Objects.requireNonNull(curve.suggestion()))
        .isCloseTo(golden.get("suggestion").doubleValue(), Offset.offset(1e-12));
  }

  @Test
  void aStepOfSeveralBatchesHasTheMeanOfTheirLossesByRows() {
    // 10 rows of 4: the last batch has 2, and a step does not reach into the next epoch.
    List<LearningRateCurve.Point> whole =
        search(golden("'find_learning_rate':{'steps':20,'min':1e-12,'max':1e-11}")).points();
    List<LearningRateCurve.Point> steps =
        search(
                golden(
                    "'gradient_accumulation':3,'find_learning_rate':{'steps':20,'min':1e-12,'max':1e-11}"))
            .points();
    double[] losses = new double[3];
    double smoothed = 0;
    for (int i = 0; i < 3; i++) {
      double mean = whole.get(i).loss() * (1 - Math.pow(0.98, i + 1));
      losses[i] = (mean - 0.98 * smoothed) / 0.02;
      smoothed = mean;
    }
    assertThat(steps.getFirst().loss())
        .isCloseTo((4 * losses[0] + 4 * losses[1] + 2 * losses[2]) / 10, Offset.offset(1e-6));
    assertThat(steps.getLast().loss()).isCloseTo(steps.getFirst().loss(), Offset.offset(1e-6));
  }

  /** It says nothing of the others: the next loss is any number of times as large. */
  @Test
  void aBatchWithoutAnErrorDoesNotEndTheTest() {
    float[] y = {0, 0, 0, 0, 1, 2, 3, 4};
    TestTraining run =
        Trainings.run(
                "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
                    + "'network':{'layers':[{'type':'dense','name':'d','units':1}]}}",
                "{'loss':'mse','optimizer':'sgd','epochs':1,'batch_size':4,'shuffle':false,"
                    + "'find_learning_rate':{'min':1e-9,'max':1e-8,'steps':20}}",
                new Subset(
                    8,
                    Map.of("x", HostTensor.ofFloats(Shape.of(8, 1), y)),
                    Map.of("y", HostTensor.ofFloats(Shape.of(8, 1), y))))
            .startingFrom(
                Map.of(
                    "d.weight", HostTensor.ofFloats(Shape.of(1, 1), 0),
                    "d.bias", HostTensor.ofFloats(Shape.of(1), 0)));
    assertThat(search(run).points()).hasSize(20);
  }

  @Test
  void theTrainingAfterItIsThatOfItsRate() {
    TrainingOutcome.Finished after =
        noisy("'optimizer':'adam','find_learning_rate':{'steps':40,'apply':true}").finish();
    double rate =
        Objects.requireNonNull(Objects.requireNonNull(after.learningRates()).suggestion());
    TrainingOutcome.Finished alone =
        noisy("'optimizer':{'type':'adam','learning_rate':%s}".formatted(rate)).finish();
    Trainings.assertSameBits(after.weights(), alone.weights());
    assertThat(Objects.requireNonNull(after.last()).learningRate()).isEqualTo(rate);
    assertThat(Objects.requireNonNull(after.last()).values())
        .isEqualTo(Objects.requireNonNull(alone.last()).values());
  }

  @Test
  void aLossThatFallsNowhereLeavesTheOptimizersRate() {
    List<String> said = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void note(boolean warns, String message) {
            said.add(warns + " " + message);
          }
        };
    TrainingOutcome.Finished outcome =
        Trainings.run(
                Trainings.XOR_MODEL,
                "{'loss':'mse','epochs':3,'optimizer':{'type':'sgd','learning_rate':0.02},"
                    + "'find_learning_rate':{'min':1e-300,'max':1e-299,'steps':20,'apply':true}}",
                Trainings.xor())
            .finish(recorder);
    assertThat(Objects.requireNonNull(outcome.learningRates()).points()).hasSize(20);
    assertThat(Objects.requireNonNull(outcome.last()).learningRate()).isEqualTo(0.02);
    assertThat(said)
        .singleElement()
        .asString()
        .startsWith("true find_learning_rate: the loss falls at no rate");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 22, 30})
  void aSuspendedSearchEndsWithTheSameCurveAndWeights(int asked) {
    TestTraining run = noisy("'find_learning_rate':{'steps':20,'apply':true}");
    TrainingOutcome.Finished whole = run.finish();
    SuspendingRecorder listener = new SuspendingRecorder(asked);
    TrainingOutcome.Suspended suspended = (TrainingOutcome.Suspended) run.train(listener);
    TrainingOutcome.Finished resumed = run.resuming(suspended.checkpoint()).finish();
    assertThat(resumed.learningRates()).isEqualTo(whole.learningRates());
    Trainings.assertSameBits(resumed.weights(), whole.weights());
  }

  @Test
  void aSearchThatIsStoppedOrTooLateHasNothing() {
    Recorder stopping =
        new Recorder() {
          @Override
          public TrainingCommand command() {
            return TrainingCommand.STOP;
          }
        };
    assertThat(noisy("'find_learning_rate':{}").train(stopping))
        .isInstanceOf(TrainingOutcome.Cancelled.class);
    assertThat(noisy("'find_learning_rate':{},'time_limit_seconds':0.000001").train(new Recorder()))
        .isInstanceOf(TrainingOutcome.OutOfTime.class);
  }
}
