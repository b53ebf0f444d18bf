package io.trainyard.spec.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberFormulaTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.1 * 0.5^floor(epoch / 2) | 3 | 0.05",
        "-epoch^2 + 1 - 2 * 3 / 4 | 2 | -4.5",
        "(epoch < 3) + 2 * (epoch <= 2) + 4 * (epoch > 2) + 8 * (epoch >= 2) | 2 | 11",
        "(epoch == 2) + 2 * (epoch != 2) | 2 | 1",
        "abs(-epoch) + norm(-1) + exp(0) + log(e) + log1p(0) + sqrt(4) + square(3) | 2 | 16",
        "sin(pi / 2) + cos(0) + tan(0) + asin(1) - acos(0) + atan(0) | 1 | 2",
        "sinh(0) + cosh(0) + tanh(0) + sigmoid(0) + relu(-1) + softplus(0) | 1 | 2.1931471806",
        "erf(0.5) | 1 | 0.5204998778",
        "erf(-4) | 1 | -0.9999999846",
        "sign(-3) + step(0) + step(-1) | 1 | 0",
        "min(1, 2) + max(1, 2) + pow(2, 3) + clip(5, 0, 4) | 1 | 15",
        "where(epoch > 5, 1, 2) + sum(3) + mean(4) | 6 | 8",
      })
  void computesAsWritten(String text, double epoch, double expected) {
    assertThat(NumberFormula.parse(text, "epoch").of(epoch))
        .isCloseTo(expected, Offset.offset(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "0.1 / step | There is no variable 'step' here; write it with 'epoch'",
        "epoch[0] | 'epoch' has no elements",
        "matmul(epoch, epoch) | 'matmul' needs axes, and this is a number",
        "epoch + | expected",
      })
  void refusesWhatANumberDoesNotHave(String text, String part) {
    assertThatThrownBy(() -> NumberFormula.parse(text, "epoch"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }
}
