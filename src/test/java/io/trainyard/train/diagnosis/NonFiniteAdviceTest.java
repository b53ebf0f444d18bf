package io.trainyard.train.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.Objective;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Specs;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which expressions get advice, and which. */
class NonFiniteAdviceTest {
  private static final String GENERAL =
      "a smaller learning rate, scaled inputs or gradient clipping usually help";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log(x)|log(max(x, 1e-6)) instead of log(x)",
        "-log1p(x)[0]|log1p(max(x, -0.999)) instead of log1p(x)",
        "sum(sqrt(x))|sqrt(max(x, 1e-6)) instead of sqrt(x)",
        "1 / x|y / max(x, 1e-6) instead of y / x",
        "x ^ 0.5|max(x, 1e-6)^p instead of x^p",
        "pow(x, -1)|max(x, 1e-6)^p instead of x^p",
        "sinh(x)|exp(min(x, 20)) instead of exp(x)",
        "acos(x)|asin or acos of clip(x, -0.999, 0.999) instead of asin(x) or acos(x)",
        "log(x) / x|log(max(x, 1e-6)) instead of log(x), y / max(x, 1e-6) instead of y / x",
      })
  void expressionThatIsNotFiniteEverywhereGetsASafeForm(String expression, String safe) {
    NetworkSpec network = network(expression);
    assertThat(NonFiniteAdvice.of(network, List.of(), "own"))
        .isEqualTo("its expression is not finite for some numbers: write " + safe);
    assertThat(NonFiniteAdvice.of(network, List.of(), "before"))
        .isEqualTo(
            GENERAL
                + "; the cause may also be an infinite gradient of the expression of 'own': write "
                + safe);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x * x",
        "log(max(x, 1e-6))",
        "sqrt(square(x) + 1e-6)",
        "x / 2",
        "x ^ 2",
        "exp(clip(x, -5, 5))",
        "1 / (x + 1)",
      })
  void otherExpressionsGetTheGeneralAdvice(String expression) {
    assertThat(NonFiniteAdvice.of(network(expression), List.of(), "own")).isEqualTo(GENERAL);
  }

  @Test
  void aLossThatIsNotFiniteEverywhereGetsASafeForm() {
    assertThat(advice("{'type': 'expression', 'expression': 'log(y_pred)'}", ""))
        .isEqualTo(
            "the loss of 'y' is not finite for some outputs: write log(max(x, 1e-6)) instead of"
                + " log(x)");
    assertThat(advice("{'type': 'expression', 'expression': 'log(y_pred)'}", "before"))
        .isEqualTo(
            GENERAL
                + "; the cause may also be an infinite gradient of the loss of 'y': write"
                + " log(max(x, 1e-6)) instead of log(x)");
    assertThat(advice("'gaussian_nll'", "")).contains("its variance came close to 0");
    assertThat(advice("'mse'", "")).isEqualTo(GENERAL);
  }

  private static String advice(String loss, String failing) {
    LossSpec read =
        Objects.requireNonNull(
            Specs.training("{'epochs': 1, 'loss': " + loss + "}").losses().byOutput().get(""));
    Objective objective =
        new Objective(
            "y", new TargetSpec.Source.Columns(List.of("y")), "own", read, 1, Function.LINEAR);
    return NonFiniteAdvice.of(network("x * x"), List.of(objective), failing);
  }

  private static NetworkSpec network(String expression) {
    return Specs.network(
            "[3]",
            "{'type': 'dense', 'name': 'before', 'units': 3}",
            "{'type': 'lambda', 'name': 'own', 'expression': '%s'}".formatted(expression))
        .network();
  }
}
