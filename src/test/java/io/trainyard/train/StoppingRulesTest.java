package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.TestEngine;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** goal, max_fail and min_gradient end a training after the right epoch, and say why. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StoppingRulesTest {
  private static final double[] LOSSES = {1, 0.5, 0.25, 0.125, 0.1};
  private static final double[] VALIDATION = {2, 1, 1, 1.5, Double.NaN};
  private static final double[] GRADIENTS = {8, 4, Double.NaN, 2, 1};

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'goal':0.25                   | 3 | goal",
        "'goal':0.05                   | 0 | \"\"",
        "'max_fail':2                  | 4 | max_fail",
        "'max_fail':3                  | 5 | max_fail",
        "'max_fail':4                  | 0 | \"\"",
        "'min_gradient':2              | 4 | min_gradient",
        "'min_gradient':0              | 0 | \"\"",
        "'max_fail':2,'goal':0.125     | 4 | goal",
        "'min_gradient':4,'max_fail':1 | 2 | min_gradient",
      })
  void theFirstRuleThatIsMetEndsTheTraining(String rules, int epoch, String reason) {
    StoppingState state = new StoppingState(training(rules));
    int ended = 0;
    for (int i = 0; i < LOSSES.length && ended == 0; i++) {
      state = continued(state, training(rules));
      state.add(Map.of("loss", LOSSES[i], "val_loss", VALIDATION[i]), GRADIENTS[i], false);
      ended = state.reason() == null ? 0 : i + 1;
    }
    assertThat(ended).isEqualTo(epoch);
    assertThat(state.reason() == null ? "" : state.reason().code()).isEqualTo(reason);
  }

  /** The state as a checkpoint keeps it. */
  private static StoppingState continued(StoppingState state, TrainingSpec training) {
    Map<String, HostTensor> tensors = new HashMap<>();
    state.putInto(tensors);
    StoppingState next = new StoppingState(training);
    next.restore(
        new Checkpoint(
            new Checkpoint.Position(0, 0, 1, 0, null, null, 0, null, List.of(), null), tensors));
    return next;
  }

  private static TrainingSpec training(String members) {
    return TestEngine.training("{'loss':'mse','epochs':9," + members + "}");
  }

  @ParameterizedTest
  @CsvSource({"trainlm, mu_max", "trainscg, min_gradient"})
  void anOptimizerThatFindsNothingBetterEndsTheTraining(String optimizer, String reason) {
    TrainingSpec training = training("'optimizer':'%s'".formatted(optimizer));
    StoppingState state = new StoppingState(training);

    state.add(Map.of("loss", 1.0), 1, true);

    assertThat(Objects.requireNonNull(state.reason()).code()).isEqualTo(reason);
    assertThat(continued(state, training).reason()).isEqualTo(state.reason());
  }

  @Test
  void aTrainingStopsAtItsGoalWithTheReason() {
    TrainingOutcome.Finished outcome = xor("'goal':0.1");

    assertThat(outcome.reason()).isEqualTo(StopReason.GOAL);
    assertThat(outcome.epochs()).isLessThan(2000);
    assertThat(Trainings.last(outcome, "loss")).isLessThanOrEqualTo(0.1);
  }

  @Test
  void aTrainingStopsWhenNoStepHasALargerGradient() {
    TrainingOutcome.Finished outcome = xor("'min_gradient':0.01");

    assertThat(outcome.reason()).isEqualTo(StopReason.MIN_GRADIENT);
    assertThat(outcome.epochs()).isLessThan(2000);
  }

  /** The gradient of mean((w·x + b − y)²) at w = b = 0, x = 3, y = 1 is (−6, −2). */
  @Test
  void theGradientIsMeasuredBeforeClipping() {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'dense','units':1,'initializer':'zeros'}]}}";
    var row =
        new Subset(
            1,
            Map.of("x", HostTensor.ofFloats(Shape.of(1, 1), 3)),
            Map.of("y", HostTensor.ofFloats(Shape.of(1, 1), 1)));
    for (String minimum : List.of("6.32", "6.33")) {
      TrainingOutcome.Finished outcome =
          Trainings.run(
                  model,
                  "{'loss':'mse','epochs':2,'optimizer':{'type':'sgd','learning_rate':1e-9},"
                      + "'gradient_clipping':{'norm':0.1},'min_gradient':"
                      + minimum
                      + "}",
                  row)
              .finish();
      assertThat(outcome.epochs()).isEqualTo(minimum.equals("6.33") ? 1 : 2);
    }
  }

  private static TrainingOutcome.Finished xor(String rule) {
    String training =
        "{'loss':'binary_crossentropy','epochs':2000,'batch_size':2,"
            + "'optimizer':{'type':'adam','learning_rate':0.1},"
            + rule
            + "}";
    return Trainings.run(Trainings.XOR_MODEL, training, Trainings.xor()).finish();
  }
}
