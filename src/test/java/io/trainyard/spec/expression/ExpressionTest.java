package io.trainyard.spec.expression;

import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
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
        "2*sinus(x)   | At column 3: there is no function 'sinus'; there are abs, exp,",
        "x[0          | At column 4: ']' was expected, got the end",
        "x[a]         | At column 3: a place, a range a:b or '...' was expected, got 'a'",
        "x[..., ...]  | At column 11: '...' may stand once in an index",
        "sum(x, x)    | At column 8: the axis of sum must be a whole number",
        "x @ 2        | At column 3: an operator or the end was expected, got '@'",
        "1e999*x      | At column 1: the number is beyond the range of a double",
        "x < 1 < 2    | At column 7: an operator or the end was expected, got '<'",
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
  void shapesAreCheckedWithTheColumn() {
    assertThat(shapes("[3, 4]", lambda("x - sum(x, 0)")).of("f")).isEqualTo(Shape.of(3, 4));
    assertThat(shapes("[3, 4]", lambda("sum(x)")).of("f")).isEqualTo(Shape.of(1));
    assertThat(shapeFaults(networkText("[3, 4]", lambda("x + matmul(x, x)"))))
        .containsExactly(
            "/network/layers/0/expression: At column 5: matmul expects [..., n, k] and [..., k, m],"
                + " got [3, 4] and [3, 4]");
    assertThat(shapeFaults(networkText("[3, 4]", lambda("1 + x*x[:, 0:3]"))))
        .containsExactly(
            "/network/layers/0/expression: At column 5: * cannot bring [3, 4] and [3, 3] together");
    assertThat(shapeFaults(networkText("[3, 4]", lambda("x[3]"))))
        .containsExactly(
            "/network/layers/0/expression: At column 1: there is no place 3 in axis 0 of [3, 4]");
    assertThat(shapeFaults(networkText("[3, 4]", lambda("mean(x, 2)"))))
        .containsExactly("/network/layers/0/expression: At column 1: there is no axis 2 in [3, 4]");
    assertThat(shapeFaults(networkText("[3, 4]", lambda("x + y"))))
        .containsExactly("/network/layers/0/expression: At column 5: there is no 'y'; known are x");
    assertThat(shapeFaults(networkText("[3, 4]", lambda("2 + 2"))))
        .singleElement()
        .asString()
        .endsWith("The expression uses none of the inputs [x]");
  }

  @Test
  void parametersAreTrainedScalars() {
    NetworkShapes shapes =
        shapes(
            "[4]",
            "{'type': 'lambda', 'name': 'f', 'expression': 'a*x', 'parameters': {'a': 3.0}}");

    assertThat(shapes.weights()).extracting(WeightSpec::name).containsExactly("f.a");
    assertThat(shapes.weights().getFirst().initializer())
        .isEqualTo(new InitializerSpec.Constant(3));
    assertThat(shapes.layer("f").parameters()).isEqualTo(1);
    assertThat(
            modelFaults(
                networkText(
                    "[4]",
                    "{'type': 'lambda', 'expression': '(x', 'parameters': {'pi': 1, 'a b': 2, 'c':"
                        + " 'd'}}")))
        .hasSize(4);
    assertThat(
            shapeFaults(
                networkText(
                    "[4]",
                    "{'type': 'lambda', 'expression': '2*x', 'parameters': {'a': 1}}",
                    "{'type': 'lambda', 'expression': 'x*x', 'parameters': {'x': 1}, 'inputs':"
                        + " ['x']}")))
        .containsExactly(
            "/network/layers/0/parameters: The expression does not use the parameter 'a'",
            "/network/layers/1/parameters: 'x' names an input and a parameter");
  }

  @Test
  void gradientsStopAtSteps() {
    assertThat(Expression.parse("where(a > 0, b, c) + floor(d)*k").differentiable())
        .containsExactlyInAnyOrder("b", "c", "k");
    assertThat(Expression.parse("step(x) + sign(x)").differentiable()).isEmpty();
    assertThat(Expression.parse("step(x)*x").differentiable()).containsExactly("x");
  }

  private static String lambda(String expression) {
    return "{'type': 'lambda', 'name': 'f', 'expression': '" + expression + "'}";
  }
}
