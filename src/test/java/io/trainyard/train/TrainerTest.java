package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.metric.ConfusionMatrix;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TrainerTest {
  /** y = w·x + b. */
  private static final String LINE =
      "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','name':'l','units':1}]}}";

  private static Subset line(float... xAndY) {
    int rows = xAndY.length / 2;
    HostTensor x = HostTensor.ofFloats(Shape.of(rows, 1), new float[rows]);
    HostTensor y = HostTensor.ofFloats(Shape.of(rows, 1), new float[rows]);
    for (int i = 0; i < rows; i++) {
      x.setFloat(i, xAndY[2 * i]);
      y.setFloat(i, xAndY[2 * i + 1]);
    }
    return new Subset(rows, Map.of("x", x), Map.of("y", y));
  }

  private static Map<String, HostTensor> weights(float w, float b) {
    return Map.of(
        "l.weight", HostTensor.ofFloats(Shape.of(1, 1), w),
        "l.bias", HostTensor.ofFloats(Shape.of(1), b));
  }

  private static String sgd(String more) {
    return "{'loss':'mse','optimizer':{'type':'sgd','learning_rate':0.1},'shuffle':false"
        + more
        + "}";
  }

  private static float weight(TrainingOutcome.Finished outcome, String name) {
    return Objects.requireNonNull(outcome.weights().get(name)).floatAt(0);
  }

  @Test
  void xorIsLearned() {
    TestTraining run =
        Trainings.run(
            Trainings.XOR_MODEL,
            "{'loss':'binary_crossentropy','optimizer':{'type':'adam','learning_rate':0.05},"
                + "'epochs':500,'batch_size':4,'metrics':['accuracy']}",
            Trainings.xor());

    TrainingOutcome.Finished outcome = run.finish();

    assertThat(outcome.reason()).isEqualTo(StopReason.EPOCHS);
    assertThat(Trainings.last(outcome, "loss")).isLessThan(0.05);
    assertThat(Trainings.last(outcome, "accuracy")).isEqualTo(1);
    assertThat(outcome.threads()).isEqualTo(1);
  }

  /** One row: loss (1·2 + 0 − 1)² = 1, gradients 2·1·2 = 4 and 2; 1 − 0.4 and 0 − 0.2. */
  @Test
  void oneStepMatchesTheHandComputedOne() {
    TestTraining run =
        Trainings.run(LINE, sgd(",'epochs':1,'batch_size':1"), line(2, 1))
            .startingFrom(weights(1, 0));
    TrainingOutcome.Finished outcome = run.finish();
    assertThat(Trainings.last(outcome, "loss")).isEqualTo(1);
    assertThat(weight(outcome, "l.weight")).isCloseTo(0.6f, within(1e-6f));
    assertThat(weight(outcome, "l.bias")).isCloseTo(-0.2f, within(1e-6f));
  }

  /**
   * Batches of 2 and 1 rows: the first loss is (1 + 1)/2 = 1 at w = 0, b = 0, which gives b = 0.2;
   * the second is (0.2 − 1)² = 0.64. Weighted by rows: (2·1 + 0.64)/3.
   */
  @Test
  void lossIsWeightedByRowsAndIncludesTheSmallLastBatch() {
    TestTraining run =
        Trainings.run(LINE, sgd(",'epochs':1,'batch_size':2"), line(0, 1, 0, 1, 0, 1))
            .startingFrom(weights(0, 0));
    TrainingOutcome.Finished outcome = run.finish();
    assertThat(Trainings.last(outcome, "loss")).isCloseTo(2.64 / 3, within(1e-6));
    assertThat(weight(outcome, "l.bias")).isCloseTo(0.36f, within(1e-6f));
  }

  @Test
  void metricsMatchTheHandComputedOnes() {
    TestTraining run =
        Trainings.run(
                LINE,
                "{'loss':'mse','optimizer':{'type':'sgd','learning_rate':1e-9},'epochs':1,"
                    + "'metrics':['mse','rmse','mae','r2'],'shuffle':false}",
                line(0, 1, 1, 0, 2, 4),
                line(1, 3))
            .startingFrom(weights(1, 0));
    EpochRecord record = Objects.requireNonNull(run.finish().last());
    // outputs 0, 1, 2; errors −1, 1, −2
    assertThat(record.values().keySet())
        .containsExactly(
            "loss",
            "mse",
            "rmse",
            "mae",
            "r2",
            "val_loss",
            "val_mse",
            "val_rmse",
            "val_mae",
            "val_r2");
    assertThat(Trainings.value(record, "mse")).isCloseTo(2, within(1e-6));
    assertThat(Trainings.value(record, "rmse")).isCloseTo(Math.sqrt(2), within(1e-6));
    assertThat(Trainings.value(record, "mae")).isCloseTo(4 / 3.0, within(1e-6));
    // Σ(t − 5/3)² = 26/3
    assertThat(Trainings.value(record, "r2")).isCloseTo(1 - 6 / (26 / 3.0), within(1e-6));
    assertThat(Trainings.value(record, "val_loss")).isCloseTo(4, within(1e-5));
  }

  /** The training improves the slope for the training rows, and makes it worse for validation. */
  @Test
  void theWeightsOfTheBestEpochAreReturned() {
    Recorder recorder = new Recorder();
    TestTraining run =
        Trainings.run(LINE, sgd(",'epochs':8,'batch_size':1"), line(1, 2), line(1, 0), line(1, 2))
            .startingFrom(weights(0, 0));
    TrainingOutcome.Finished outcome = run.finish(recorder);
    assertThat(Objects.requireNonNull(outcome.best()).epoch()).isEqualTo(1);
    assertThat(weight(outcome, "l.weight")).isCloseTo(0.4f, within(1e-6f));
    assertThat(outcome.testValues().values()).hasSize(1);
    assertThat(Objects.requireNonNull(outcome.testValues().values().get("test_loss")))
        .isCloseTo(1.2 * 1.2, within(1e-5));
  }

  @Test
  void theWeightsOfTheLastEpochAreReturnedOnRequest() {
    TestTraining run =
        Trainings.run(
                LINE, sgd(",'epochs':8,'batch_size':1,'publish':'last'"), line(1, 2), line(1, 0))
            .startingFrom(weights(0, 0));
    TrainingOutcome.Finished outcome = run.finish();
    assertThat(Objects.requireNonNull(outcome.best()).epoch()).isEqualTo(8);
    assertThat(weight(outcome, "l.weight")).isCloseTo(1f, within(0.02f));
  }

  @Test
  void earlyStoppingWaitsPatienceEpochs() {
    Recorder recorder = new Recorder();
    TestTraining run =
        Trainings.run(
                LINE,
                sgd(
                    ",'epochs':50,'batch_size':1,"
                        + "'early_stopping':{'monitor':'val_loss','patience':3}"),
                line(1, 2),
                line(1, 0))
            .startingFrom(weights(0, 0));
    TrainingOutcome.Finished outcome = run.finish(recorder);
    assertThat(outcome.reason()).isEqualTo(StopReason.EARLY_STOPPING);
    assertThat(recorder.epochs).hasSize(4);
  }

  @Test
  void aTimeLimitEndsTraining() {
    TestTraining run =
        Trainings.run(
            LINE, sgd(",'epochs':1000000,'batch_size':1,'time_limit_seconds':0.2"), line(1, 2));
    TrainingOutcome.Finished outcome = run.finish();
    assertThat(outcome.reason()).isEqualTo(StopReason.TIME_LIMIT);
    assertThat(outcome.seconds()).isBetween(0.2, 5.0);
  }

  @Test
  void theListenerStopsAndCancels() {
    TestTraining run = Trainings.run(LINE, sgd(",'epochs':1000000,'batch_size':1"), line(1, 2));
    TrainingOutcome.Finished stopped = run.finish(new CommandAfterEpochs(3, TrainingCommand.STOP));
    assertThat(stopped.reason()).isEqualTo(StopReason.STOPPED);
    assertThat(stopped.epochs()).isEqualTo(3);
    assertThat(run.train(new CommandAfterEpochs(3, TrainingCommand.CANCEL)))
        .isInstanceOf(TrainingOutcome.Cancelled.class);
    assertThat(run.train(new CommandAfterEpochs(0, TrainingCommand.STOP)))
        .as("there is nothing to publish before the first epoch's end")
        .isInstanceOf(TrainingOutcome.Cancelled.class);
  }

  private static final class CommandAfterEpochs extends Recorder {
    private final int after;
    private final TrainingCommand then;

    CommandAfterEpochs(int after, TrainingCommand then) {
      this.after = after;
      this.then = then;
    }

    @Override
    public TrainingCommand command() {
      return epochs.size() < after ? TrainingCommand.CONTINUE : then;
    }
  }

  @Test
  void aNonFiniteLossNamesEpochStepAndLayer() {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'dense','name':'fine','units':2},"
            + "{'type':'activation','name':'blows','function':'exponential'},"
            + "{'type':'dense','name':'l','units':1}]}}";
    TestTraining run =
        Trainings.run(
                model,
                "{'loss':'mse','optimizer':{'type':'sgd','learning_rate':0.1},'epochs':3,"
                    + "'batch_size':1,'shuffle':false}",
                line(1, 1, 1000, 1))
            .startingFrom(Map.of("fine.weight", HostTensor.ofFloats(Shape.of(2, 1), 1, 1)));
    assertThatThrownBy(() -> run.finish())
        .isInstanceOfSatisfying(
            NonFiniteLossException.class,
            e -> {
              assertThat(e.epoch()).isEqualTo(1);
              assertThat(e.step()).isEqualTo(2);
              assertThat(e.layer()).isEqualTo("blows");
              assertThat(e.getMessage())
                  .contains("epoch 1", "step 2", "'blows'", "a smaller learning rate")
                  .doesNotContain("expression");
            });
  }

  @Test
  void aNonFiniteLossOfAnExpressionSaysHowToWriteIt() {
    assertThatThrownBy(() -> withExpression("log(h) / (h + 1)").finish())
        .isInstanceOfSatisfying(
            NonFiniteLossException.class,
            e -> {
              assertThat(e.layer()).isEqualTo("own");
              assertThat(e.getMessage())
                  .contains(
                      "the first layer whose output was not is 'own'; its expression",
                      "log(max(x, 1e-6)) instead of log(x)")
                  .doesNotContain("y / max(x, 1e-6)");
            });
    // The gradient of sqrt is infinite at 0, so that the layer before it fails in the next step.
    assertThatThrownBy(() -> withExpression("sqrt(h)").finish())
        .isInstanceOfSatisfying(
            NonFiniteLossException.class,
            e -> {
              assertThat(e.layer()).isEqualTo("h");
              assertThat(e.getMessage())
                  .contains(
                      "a smaller learning rate",
                      "the expression of 'own'",
                      "sqrt(max(x, 1e-6)) instead of sqrt(x)");
            });
  }

  /** A training whose expression gets 0 in its first step. */
  private static TestTraining withExpression(String expression) {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'dense','name':'h','units':1},"
            + "{'type':'lambda','name':'own','expression':'%s'}]}}".formatted(expression);
    return Trainings.run(
            model,
            "{'loss':'mse','optimizer':{'type':'sgd','learning_rate':0.1},'epochs':3,"
                + "'batch_size':1,'shuffle':false}",
            line(0, 1, 0, 1))
        .startingFrom(
            Map.of(
                "h.weight", HostTensor.ofFloats(Shape.of(1, 1), 1),
                "h.bias", HostTensor.ofFloats(Shape.of(1), 0)));
  }

  @Test
  void confusionCountsRowsByTrueAndPredictedClass() {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
            + "'network':{'layers':[{'type':'dense','name':'l','units':2,"
            + "'activation':'softmax'}]}}";
    Subset rows =
        new Subset(
            4,
            Map.of("x", HostTensor.ofFloats(Shape.of(4, 1), -1, -2, 3, 4)),
            Map.of("y", HostTensor.ofLongs(Shape.of(4), 0, 1, 1, 1)));
    TestTraining run =
        Trainings.run(
                model,
                "{'loss':'categorical_crossentropy','optimizer':{'type':'sgd',"
                    + "'learning_rate':1e-9},'epochs':1,'metrics':['accuracy']}",
                rows)
            .startingFrom(Map.of("l.weight", HostTensor.ofFloats(Shape.of(2, 1), -1, 1)));
    TrainingOutcome.Finished outcome = run.finish();
    // negative x is classified as 0, positive as 1
    assertThat(Objects.requireNonNull(outcome.evaluation().classes().get("y")).confusion())
        .isEqualTo(new ConfusionMatrix(List.of(List.of(1L, 0L), List.of(1L, 2L))));
    assertThat(Trainings.last(outcome, "accuracy")).isEqualTo(0.75);
  }

  @Test
  void progressCountsSteps() {
    Progress[] seen = new Progress[1];
    TestTraining run = Trainings.run(LINE, sgd(",'epochs':4,'batch_size':1"), line(1, 2, 3, 4));
    run.finish(
        new Recorder() {
          @Override
          public void epoch(EpochRecord record, Progress progress) {
            if (record.epoch() == 3) {
              seen[0] = progress;
            }
          }
        });
    assertThat(seen[0].fraction()).isEqualTo(0.75);
    assertThat(seen[0].step()).isEqualTo(2);
    assertThat(seen[0].epochs()).isEqualTo(4);
    assertThat(seen[0].etaSeconds()).isPositive().isLessThan(10);
    assertThat(seen[0].rowsPerSecond()).isPositive();
  }
}
