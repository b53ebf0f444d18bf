package io.trainyard.engine.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.expression.RowFormula;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two rows of two numbers, checked by hand. */
class FormulaValuesTest {
  private static final HostTensor TRUTH = HostTensor.ofDoubles(Shape.of(2, 2), 1, 2, 3, 4);
  private static final HostTensor PREDICTION = HostTensor.ofDoubles(Shape.of(2, 2), 1, 4, 0, 4);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mean((y_pred - y_true)^2)  | 2   | 4.5",
        "(y_pred - y_true)^2        | 2   | 4.5",
        "sum(abs(y_pred - y_true))  | 2   | 3",
        "y_pred[1]                  | 4   | 4",
        "y_pred > y_true            | 0.5 | 0",
      })
  void aRowsValueIsTheMeanOverItsAxes(String expression, double first, double second) {
    assertThat(FormulaValues.of(formula(expression), TRUTH, PREDICTION))
        .containsExactly(first, second);
  }

  @Test
  void aFormulaIsAboutTargetAndOutput() {
    assertThat(formula("sum(y_pred * y_true)").infer(Shape.of(2)).shape()).isEqualTo(Shape.SCALAR);
    assertThatThrownBy(() -> formula("y_pred - x"))
        .hasMessageContaining("knows y_true and y_pred, not 'x'");
    assertThatThrownBy(() -> formula("y_true + 1")).hasMessageContaining("does not use y_pred");
  }

  private static RowFormula formula(String text) {
    return new RowFormula(text, Expression.parse(text));
  }
}
