package io.trainyard.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of two rows, computed by hand. */
@Timeout(60)
class LossFormulasTest {
  private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

  /** The errors are 1, −2, 0 and 3. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'mse'                                 | 3.5",
        "'mae'                                 | 1.5",
        "'rmse'                                | 1.8708287",
        "'sse'                                 | 7",
        "{'type': 'huber', 'delta': 2}         | 1.625",
        "{'type': 'smooth_l1', 'beta': 2}      | 0.8125",
        "'log_cosh'                            | 1.017028",
        "'mape'                                | 68.75",
        "{'type': 'quantile', 'q': 0.9}        | 0.55",
        "{'type': 'expression', 'expression': 'sum((y_pred - y_true)^2)'} | 7",
      })
  void numbers(String loss, float expected) {
    HostTensor output = HostTensor.ofFloats(Shape.of(2, 2), 2, 0, 4, 7);
    HostTensor target = HostTensor.ofFloats(Shape.of(2, 2), 1, 2, 4, 4);
    assertThat(value(loss, output, Function.LINEAR, target, null)).isCloseTo(expected, ROUNDING);
  }

  /** Probabilities of one half and one quarter for the labels 1 and 0. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'binary_crossentropy'                                     | 0.4904146",
        "{'type': 'focal', 'gamma': 0, 'alpha': 0.5}               | 0.2452073",
        "{'type': 'focal', 'gamma': 2, 'alpha': 0.25}              | 0.0284039",
      })
  void oneUnitOfTwoClasses(String loss, float expected) {
    HostTensor logits = HostTensor.ofFloats(Shape.of(2, 1), 0, (float) Math.log(1 / 3.0));
    HostTensor labels = HostTensor.ofLongs(Shape.of(2), 1, 0);
    assertThat(value(loss, logits, Function.SIGMOID, labels, null)).isCloseTo(expected, ROUNDING);
  }

  @ParameterizedTest
  @CsvSource({"hinge, 1.25", "squared_hinge, 2.125"})
  void zeroAndOneAreReadAsMinusOneAndOne(String loss, float expected) {
    HostTensor output = HostTensor.ofFloats(Shape.of(2, 1), 0.5f, 1);
    HostTensor bits = HostTensor.ofLongs(Shape.of(2), 1, 0);
    HostTensor signs = HostTensor.ofFloats(Shape.of(2, 1), 1, -1);
    String json = "'" + loss + "'";
    assertThat(value(json, output, Function.LINEAR, bits, null)).isCloseTo(expected, ROUNDING);
    assertThat(value(json, output, Function.LINEAR, signs, null)).isCloseTo(expected, ROUNDING);
  }

  @Test
  void aWeightedMeanDividesByTheSumOfTheWeights() {
    HostTensor output = HostTensor.ofFloats(Shape.of(2, 1), 1, 4);
    HostTensor target = HostTensor.ofFloats(Shape.of(2, 1), 0, 0);
    HostTensor weights = HostTensor.ofFloats(Shape.of(2), 3, 1);
    assertThat(value("'mse'", output, Function.LINEAR, target, weights))
        .isCloseTo((3 * 1 + 16) / 4f, ROUNDING);
    assertThat(value("'rmse'", output, Function.LINEAR, target, weights))
        .isCloseTo((float) Math.sqrt(19 / 4.0), ROUNDING);
  }

  @Test
  void rowsWithoutWeightHaveNoLossAndNoGradient() {
    HostTensor output = HostTensor.ofFloats(Shape.of(2, 1), 1, 4);
    HostTensor target = HostTensor.ofFloats(Shape.of(2, 1), 0, 0);
    HostTensor weights = HostTensor.ofFloats(Shape.of(2), 0, 0);
    assertThat(value("'mae'", output, Function.LINEAR, target, weights)).isZero();
    assertThat(gradient("'mae'", output, target, weights)).containsOnly(0);
  }

  /** The gradient of a root at 0 is infinite. */
  @Test
  void aPerfectFitHasNoGradient() {
    HostTensor output = HostTensor.ofFloats(Shape.of(2, 1), 1, 4);
    assertThat(gradient("'rmse'", output, output, null)).containsOnly(0);
  }

  private static float value(
      String json,
      HostTensor before,
      Function last,
      HostTensor target,
      @Nullable HostTensor weights) {
    float[] found = new float[1];
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor z = copy(before);
                Tensor output = last == Function.SIGMOID ? z.sigmoid() : z;
                Compared compared = new Compared(z, output, last, copy(target));
                Tensor rows = weights == null ? null : copy(weights);
                found[0] = TensorConversion.element(Losses.of(loss(json), compared, rows));
              }
            });
    return found[0];
  }

  private static float[] gradient(
      String json, HostTensor before, HostTensor target, @Nullable HostTensor weights) {
    float[][] found = new float[1][];
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor z = copy(before).requires_grad_(true);
                Compared compared = new Compared(z, z, Function.LINEAR, copy(target));
                Tensor rows = weights == null ? null : copy(weights);
                Losses.of(loss(json), compared, rows).backward();
                found[0] = TensorConversion.toHost(z.grad()).toFloats();
              }
            });
    return found[0];
  }

  private static Tensor copy(HostTensor tensor) {
    return TensorConversion.copy(tensor, Device.CPU);
  }

  private static LossSpec loss(String json) {
    return Objects.requireNonNull(
        Specs.training("{'epochs': 1, 'loss': " + json + "}").losses().byOutput().get(""));
  }
}
