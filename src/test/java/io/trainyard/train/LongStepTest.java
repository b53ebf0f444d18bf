package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A step long enough to be asked within it; small rows keep the rest of the training short. */
@Tag("long")
class LongStepTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final String LAYER = "{'type':'dense','units':600,'activation':'gelu'},";
  private static final String MODEL =
      "{'name':'long','inputs':{'x':{'columns':['a','b']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':["
          + LAYER.repeat(8)
          + "{'type':'dense','units':1}]}}";

  /** A batch of 512 rows takes 8 · 600 · 600 · 512 multiply-adds forward: above 10⁹. */
  private static TestTraining run(String options) {
    int count = 1024;
    Subset rows =
        new Subset(
            count,
            Map.of("x", HostTensor.ofFloats(Shape.of(count, 2), new float[2 * count])),
            Map.of("y", HostTensor.ofFloats(Shape.of(count, 1), new float[count])));
    return Trainings.run(MODEL, "{'loss':'mse','epochs':50,'batch_size':512" + options + "}", rows);
  }

  /** Gives a command when the training asks for the n-th time, within a step. */
  private static class Commanding extends Recorder {
    private final TrainingCommand command;
    int asked;

    Commanding(TrainingCommand command) {
      this.command = command;
    }

    @Override
    public TrainingCommand command() {
      asked++;
      return asked < 5 ? TrainingCommand.CONTINUE : command;
    }
  }

  @Test
  void aCancelEndsAStepThatIsUnderWay() {
    Commanding listener = new Commanding(TrainingCommand.CANCEL);

    assertThat(run("").train(listener)).isInstanceOf(TrainingOutcome.Cancelled.class);
    // The first step alone would ask 18 times.
    assertThat(listener.asked).isLessThan(10);
  }

  @Test
  void aSuspendLetsAShortStepEnd() {
    assertThat(run("").train(new Commanding(TrainingCommand.SUSPEND)))
        .isInstanceOfSatisfying(
            TrainingOutcome.Suspended.class,
            suspended -> assertThat(suspended.checkpoint()).isNotNull());
  }

  @Test
  void aTimeLimitEndsAStepThatIsUnderWay() {
    Commanding listener =
        new Commanding(TrainingCommand.CONTINUE) {
          @Override
          public TrainingCommand command() {
            TrainingCommand command = super.command();
            if (asked == 3) {
              Http.pause(LIMIT); // in the forward pass of the first step
            }
            return command;
          }
        };

    TrainingOutcome outcome = run(",'time_limit_seconds':" + LIMIT.toSeconds()).train(listener);

    // No epoch has ended, so there is nothing to publish.
    assertThat(outcome)
        .isInstanceOfSatisfying(
            TrainingOutcome.OutOfTime.class,
            early -> {
              assertThat(early.seconds()).isGreaterThan((double) LIMIT.toSeconds());
              assertThat(early.progress().epoch()).isEqualTo(1);
              assertThat(early.progress().step()).isZero();
            });
    assertThat(listener.epochs).isEmpty();
    assertThat(listener.asked).isBetween(3, 9);
  }
}
