package io.trainyard.spec.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.spec.expression.Expression.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x +          | At column 4: a number, a name or '(' was expected, got the end",
        "3 x          | At column 3: an operator or the end was expected, got 'x'",
        "(x + 1       | At column 7: ')' was expected, got the end",
        "sin(x, 1)    | At column 1: sin takes 1 argument, got 2",
        "1 + clip(x)  | At column 5: clip takes 3 arguments, got 1",
        "2*sqr(x)     | At column 3: there is no function 'sqr'; did you mean 'sqrt'? There are",
        "x[0          | At column 4: ']' was expected, got the end",
        "x[a]         | At column 3: a position, a range a:b or '...' was expected, got 'a'",
        "x[..., ...]  | At column 11: '...' may occur only once in an index",
        "sum(x, x)    | At column 8: the axis of sum must be a whole number",
        "x @ 2        | At column 3: an operator or the end was expected, got '@'",
        "1e999*x      | At column 1: the number is beyond the range of a double",
        "x < 1 < 2    | At column 7: an operator or the end was expected, got '<'",
        "x**2         | At column 4: write ^ for a power, not **",
        "np.exp(x)    | At column 3: leave 'np.' out",
        "x.mean()     | At column 2: functions stand in front: write mean(x)",
        "sum(x, dim=1) | At column 8: there is no argument 'dim'; write axis=1 or keepdims=true",
        "x = 1        | At column 5: an operator or the end was expected, got '='; == compares",
        "sum(x, 0, 1) | At column 1: sum takes 1 argument and an axis, got 2",
        "''           | At column 1: a number, a name or '(' was expected, got the end",
      })
  void faultsNameTheColumnAndWhatWasExpected(String text, String detail) {
    assertThatThrownBy(() -> Expression.parse(text)).hasMessageStartingWith(detail);
  }

  @Test
  void lengthAndDepthAreBounded() {
    assertThatThrownBy(() -> Expression.parse("x+".repeat(2_000)))
        .hasMessage("At most 2000 characters were expected, got 4000");
    assertThatThrownBy(() -> Expression.parse("(".repeat(900) + "x" + ")".repeat(900)))
        .hasMessage("At column 51: parentheses nest deeper than 50");
    assertThatThrownBy(() -> Expression.parse("x^".repeat(900) + "x"))
        .hasMessageEndingWith("powers nest deeper than 50");
    assertThat(Expression.parse("-".repeat(1_900) + "x").variables()).containsExactly("x");
    assertThat(Expression.parse("x+".repeat(900) + "x").variables()).containsExactly("x");
  }

  @Test
  void anIndexKeepsUnlistedAxesWhole() {
    Selector.OfAxis whole = new Selector.Range(null, null);
    assertThat(index("x[2, ..., -1]").perAxis(4))
        .containsExactly(new Selector.At(2), whole, whole, new Selector.At(-1));
    assertThat(index("x[1:3]").perAxis(2)).containsExactly(new Selector.Range(1, 3), whole);
    assertThat(index("x[..., 0, 1]").perAxis(2))
        .containsExactly(new Selector.At(0), new Selector.At(1));
  }

  private static Expression.Index index(String text) {
    return (Expression.Index) Expression.parse(text);
  }

  @Test
  void gradientsStopAtSteps() {
    assertThat(Expression.parse("where(a > 0, b, c) + floor(d)*k").differentiable())
        .containsExactlyInAnyOrder("b", "c", "k");
    assertThat(Expression.parse("step(x) + sign(x)").differentiable()).isEmpty();
    assertThat(Expression.parse("step(x)*x").differentiable()).containsExactly("x");
  }
}
