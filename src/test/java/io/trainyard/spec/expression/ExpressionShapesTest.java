package io.trainyard.spec.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.tensor.Shape;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionShapesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 + pi                | []",
        "x                     | [3, 4]",
        "x - sum(x, 0)         | [3, 4]",
        "sum(x)                | []",
        "mean(x, -1)           | [3]",
        "mean(x, 1, keepdims)  | [3, 1]",
        "sum(x, axis=0, keepdims=True) | [1, 4]",
        "norm(x, keepdims)     | [1, 1]",
        "clip(x, 0, v)         | [3, 4]",
        "x*x[:, 0:1]           | [3, 4]",
        "matmul(x[:, 1:], x)   | [3, 4]",
        "concat(x, x[:, 0:3])  | [3, 7]",
        "concat(x, x, 0)       | [6, 4]",
        "x[..., 0]             | [3]",
        "x[1, 2]               | []",
        "x[-2:, :]             | [2, 4]",
      })
  void shapesFollowNumPy(String text, String shape) {
    assertThat(infer(text)).hasToString(shape);
  }

  @Test
  void faultsNameTheColumn() {
    assertThatThrownBy(() -> infer("x + matmul(x, x)"))
        .hasMessage(
            "At column 5: matmul expects [..., n, k] and [..., k, m], got [3, 4] and [3, 4]");
    assertThatThrownBy(() -> infer("1 + x*x[:, 0:3]"))
        .hasMessage("At column 5: * cannot broadcast [3, 4] and [3, 3]");
    assertThatThrownBy(() -> infer("x - mean(x, 1)"))
        .hasMessage(
            "At column 1: - cannot broadcast [3, 4] and [3]; mean drops axis 1: mean(x, 1,"
                + " keepdims) keeps it with length 1");
    assertThatThrownBy(() -> infer("x[3]"))
        .hasMessage("At column 1: there is no element 3 in axis 0 of [3, 4]");
    assertThatThrownBy(() -> infer("x[0:4]"))
        .hasMessage("At column 1: the range is empty or exceeds axis 0 of [3, 4]");
    assertThatThrownBy(() -> infer("v[0, 0]"))
        .hasMessage("At column 1: the index has more entries (2) than [4] has axes");
    assertThatThrownBy(() -> infer("mean(x, 2)"))
        .hasMessage("At column 1: there is no axis 2 in [3, 4]");
    assertThatThrownBy(() -> infer("concat(x, v)"))
        .hasMessage("At column 1: concat cannot join [3, 4] and [4]");
    assertThatThrownBy(() -> infer("x + y"))
        .hasMessage(
            "At column 5: there is no 'y'; the names are v, x; one column of an input is x[0]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s - mean(s, 1)             | mean(s, 1, keepdims)",
        "s / (1 + sum(s, -1))       | sum(s, -1, keepdims)",
        "2 * (norm(s, 1) + s)       | norm(s, 1, keepdims)",
        "s - mean(s, 0)             |",
        "s - mean(s, 1, keepdims)   |",
        "v - mean(s, 1)             |",
        "s - mean(s)                |",
        "r - mean(r, 1)             |",
      })
  void saysWhereAReducedValueLinesUpWithTheWrongAxis(String text, @Nullable String advice) {
    Map<String, Shape> variables =
        Map.of("s", Shape.of(4, 4), "v", Shape.of(4), "r", Shape.of(1, 5));

    String misaligned = ExpressionShapes.infer(Expression.parse(text), variables).misaligned();

    if (advice == null) {
      assertThat(misaligned).isNull();
    } else {
      assertThat(misaligned).contains(advice);
    }
  }

  @Test
  void countsTheValuesAndOperationsOfInnerNodes() {
    Map<String, Shape> columnAndRow = Map.of("a", Shape.of(40_000, 1), "b", Shape.of(1, 40_000));
    ExpressionShapes product =
        ExpressionShapes.infer(Expression.parse("mean(a * b)"), columnAndRow);

    long inner = 40_000L * 40_000;
    assertThat(product.shape()).isEqualTo(Shape.SCALAR);
    assertThat(product.elements()).isEqualTo(inner + 1);
    assertThat(product.operations()).isEqualTo(2 * inner);

    Map<String, Shape> matrices = Map.of("a", Shape.of(5, 7), "b", Shape.of(7, 3));
    ExpressionShapes sum =
        ExpressionShapes.infer(Expression.parse("matmul(a, b) + 2 * a[..., 0:3]"), matrices);
    assertThat(sum.elements()).isEqualTo(3 * (5 * 3));
    assertThat(sum.operations()).isEqualTo(5 * 3 * 7 + 2 * (5 * 3));
  }

  private static Shape infer(String text) {
    return ExpressionShapes.infer(
            Expression.parse(text), Map.of("x", Shape.of(3, 4), "v", Shape.of(4)))
        .shape();
  }
}
