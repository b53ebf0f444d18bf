package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.metric.MeasuredTarget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The error of each row of a version that has no training, by hand. */
class RowLossesTest {
  private static RowLosses losses(String loss, boolean classes, int width, Function activation) {
    TrainingSpec training = Specs.training("{'loss': %s, 'epochs': 1}".formatted(loss));
    MeasuredOutput output =
        MeasuredOutput.of(training.losses().of("y", "y"), classes, Shape.of(width), activation);
    return new RowLosses(
        new MeasuredTarget(
            "y",
            output,
            List.of(),
            "",
            new double[] {1},
            new double[] {0},
            List.of(ColumnEncoding.Range.ALL),
            Decision.DEFAULT,
            null,
            null));
  }

  private static HostTensor floats(int rows, float... elements) {
    return HostTensor.ofFloats(Shape.of(rows, elements.length / rows), elements);
  }

  private static void assertLosses(
      RowLosses losses, HostTensor outputs, HostTensor targets, double... expected) {
    double[] sums = {10, 20};
    losses.addTo(sums, outputs, targets);
    assertThat(sums[0]).isCloseTo(10 + expected[0], within(1e-6));
    assertThat(sums[1]).isCloseTo(20 + expected[1], within(1e-6));
    assertThat(losses.together()).isZero();
  }

  @Test
  void numbersHaveTheMeanOfTheirSquaredErrors() {
    assertLosses(
        losses("'mse'", false, 2, Function.LINEAR),
        floats(2, 1, 2, 3, 5),
        floats(2, 0, 0, 3, 3),
        (1 + 4) / 2.0,
        (0 + 4) / 2.0);
  }

  @Test
  void aClassHasTheCrossEntropyOfItsLogits() {
    double first = Math.log(Math.exp(1) + Math.exp(3) + Math.exp(-2));
    double second = Math.log(Math.exp(0) + Math.exp(-1) + Math.exp(4));
    assertLosses(
        losses("{'type':'categorical_crossentropy','from_logits':true}", true, 3, Function.LINEAR),
        floats(2, 1, 3, -2, 0, -1, 4),
        HostTensor.ofLongs(Shape.of(2, 1), 1, 0),
        first - 3,
        second - 0);
  }

  @Test
  void aClassHasTheLogarithmOfItsProbability() {
    assertLosses(
        losses("'categorical_crossentropy'", true, 3, Function.SOFTMAX),
        floats(2, 0.5f, 0.25f, 0.25f, 0, 0.125f, 0.875f),
        HostTensor.ofLongs(Shape.of(2, 1), 1, 2),
        -Math.log(0.25),
        -Math.log(0.875));
  }

  @Test
  void oneUnitIsTheProbabilityOfTheSecondClass() {
    assertLosses(
        losses("'binary_crossentropy'", true, 1, Function.SIGMOID),
        floats(2, 0.75f, 0.75f),
        floats(2, 1, 0),
        -Math.log(0.75),
        -Math.log(0.25));
  }
}
