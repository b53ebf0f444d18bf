package io.trainyard.spec.layer;

import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.network;
import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.expression.Expression;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LambdaSpecTest {

  @Test
  void aSingleNumberBecomesARowOfOne() {
    assertThat(shapes("[3, 4]", lambda("sum(x)")).of("f")).isEqualTo(Shape.of(1));
    assertThat(shapes("[3, 4]", lambda("x[0]")).of("f")).isEqualTo(Shape.of(4));
  }

  @Test
  void faultsPointToTheExpression() {
    assertThat(shapeFaults(networkText("[3, 4]", lambda("1 + x[3]"))))
        .containsExactly(
            "/network/layers/0/expression: At column 5: there is no element 3 in axis 0 of [3, 4]");
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
    assertThat(shapes.layer("f").formula()).isEqualTo("[4] → [4]; parameters 1");
  }

  @Test
  void parametersNeedFreeNamesThatTheExpressionUses() {
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
  void inputsHaveTheNamesThatTheyHadWhereTheLayerWasWritten() {
    // A path is the name of another model's layer: an expression cannot name it.
    assertThat(places("f", "enc/a", "a")).containsExactly(entry("enc/a", 0), entry("a", 1));
    assertThat(places("f", "enc/a")).containsExactly(entry("enc/a", 0), entry("x", 0));
    assertThat(places("enc/f", "enc/a", "enc/rnn/a"))
        .containsExactly(entry("a", 0), entry("rnn/a", 1));
    assertThat(places("members/0/f", "members/0/b", "enc/a", "members/0/enc/a", "a"))
        .containsExactly(entry("b", 0), entry("enc/a", 1), entry("a", 3));
    assertThat(places("rnn/members/12/f", "rnn/members/12/b", "rnn/a"))
        .containsExactly(entry("b", 0), entry("a", 1));
  }

  private static Map<String, Integer> places(String layer, String... inputs) {
    LambdaSpec lambda = new LambdaSpec("x", Expression.parse("x"), Map.of());
    return lambda.places(new Layer(layer, lambda, List.of(inputs), true, null, 0));
  }

  @Test
  void parametersMayHaveTheNameOfANestedLayer() {
    ModelSpec model =
        network(
            "[4]",
            "{'type': 'model', 'name': 'enc', 'ref': 'e@1', 'outputs': ['scale', 'd'], 'network':"
                + " {'inputs': {'x': {'shape': [4]}}, 'layers': [{'type': 'dense', 'name': 'scale',"
                + " 'units': 4}, {'type': 'dense', 'name': 'd', 'units': 4},"
                + " {'type': 'lambda', 'name': 'f', 'expression': 'd + scale',"
                + " 'inputs': ['scale', 'd']}]}}",
            "{'type': 'lambda', 'name': 'f', 'expression': 'scale*x', 'parameters': {'scale': 2},"
                + " 'inputs': ['enc/scale']}");
    assertThat(shapes(model).weights())
        .extracting(WeightSpec::name)
        .contains("f.scale", "enc.d.weight");
  }

  private static String lambda(String expression) {
    return "{'type': 'lambda', 'name': 'f', 'expression': '" + expression + "'}";
  }
}
