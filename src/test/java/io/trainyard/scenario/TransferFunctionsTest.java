package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Transfer functions under all their names, the gate a linear unit learns, and linear stacks. */
@ScenarioTest
class TransferFunctionsTest {
  @Autowired private Http http;

  private static final String ROWS =
      "[{'a': 0, 'b': 0}, {'a': 0, 'b': 1}, {'a': 1, 'b': 0}, {'a': 1, 'b': 1}]";

  private static final String GATE = "a,b,y\n0,0,0\n0,1,0\n1,0,0\n1,1,1\n";

  private JsonNode train(String name, String targets, String layers, int epochs) {
    http.upload("gate", GATE);
    return http.train(
        """
        {'model': {'name': '%s', 'inputs': {'x': {'columns': ['a', 'b']}},
                   'targets': %s, 'network': {'layers': [%s]}},
         'dataset': {'name': 'gate'},
         'training': {'loss': 'mse', 'epochs': %d, 'batch_size': 4, 'seed': 1,
                      'optimizer': {'type': 'adam', 'learning_rate': 0.05}}}
        """
            .formatted(name, targets, layers, epochs)
            .replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource({
    "hardlim,step",
    "purelin,linear",
    "logsig,sigmoid",
    "tansig,tanh",
    "poslin,relu",
    "elliotsig,softsign",
    "swish,silu"
  })
  void anAliasIsTheFunctionItself(String alias, String function) {
    String answers = "";
    for (String name : new String[] {alias, function}) {
      JsonNode answer =
          http.post(
                  "/v1/models:validate",
                  """
                  {"model": {"name": "alias", "network": {"inputs": {"x": {"shape": [2]}},
                    "layers": [{"type": "activation", "name": "f", "function": "%s"}]}}}
                  """
                      .formatted(name))
              .expect(200)
              .json();
      assertThat(answer.get("valid").booleanValue()).as(answer.toString()).isTrue();
      // It has the caller's own word.
      JsonNode _ = ((ObjectNode) answer).remove("model");
      answers = answers.isEmpty() ? answer.toString() : answers;
      assertThat(answer.toString()).isEqualTo(answers);
    }
  }

  @Test
  void aLinearUnitCutAtOneHalfLearnsTheAndGate() {
    String layers =
        "{'type': 'dense', 'name': 'unit', 'units': 1, 'activation': 'purelin'},"
            + "{'type': 'lambda', 'name': 'cut', 'expression': 'step(x - 0.5)'}";
    train(
        "and-unit",
        "{'y': {'column': 'y', 'output': 'unit'}}",
        layers + "], 'outputs': ['unit', 'cut'",
        300);
    // Least squares on the four rows: y = (a + b)/2 − 1/4.
    double[] expected = {-0.25, 0.25, 0.25, 0.75};
    List<Double> answers = gate("and-unit");
    for (int i = 0; i < 4; i++) {
      assertThat(answers.get(i)).isCloseTo(expected[i], within(0.02));
    }
    JsonNode cut =
        http.post(
                "/v1/models/and-unit/predict",
                "{\"instances\": %s, \"outputs\": [\"cut\"]}".formatted(ROWS.replace('\'', '"')))
            .expect(200)
            .json();
    assertThat(cut.at("/outputs/cut")).hasToString("[[0.0],[0.0],[0.0],[1.0]]");
  }

  /** By hand: in five epochs of errors, w and b go from 0 over (1, 1) and 0 to (2, 1) and −3. */
  @Test
  void aPerceptronLearnsTheAndGateInSixEpochs() {
    JsonNode done = trainPerceptron("'optimizer': 'perceptron', 'shuffle': false");

    assertThat(done.get("stop_reason").stringValue()).isEqualTo("goal");
    JsonNode epochs =
        http.get("/v1/jobs/" + done.get("id").stringValue() + "/metrics")
            .expect(200)
            .json()
            .get("epochs");
    assertThat(epochs.valueStream().map(epoch -> epoch.get("loss").doubleValue()))
        .containsExactly(0.5, 0.75, 0.75, 0.5, 0.25, 0.0);
    JsonNode cells = http.get("/v1/models/perceptron/versions/latest/matlab").expect(200).json();
    assertThat(cells.at("/transfer_functions/0").stringValue()).isEqualTo("hardlim");
    assertThat(cells.at("/IW/0/0/0/0").doubleValue()).isEqualTo(2);
    assertThat(cells.at("/IW/0/0/0/1").doubleValue()).isEqualTo(1);
    assertThat(cells.at("/b/0/0").doubleValue()).isEqualTo(-3);
    assertThat(gate("perceptron/versions/latest")).containsExactly(0.0, 0.0, 0.0, 1.0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'optimizer': 'perceptron'",
        "'optimizer': {'type': 'perceptron', 'learning_rate': 0.1}",
        "'optimizer': 'perceptron', 'batch_size': 4"
      })
  void aPerceptronLearnsTheAndGateInAnyOrder(String training) {
    JsonNode done = trainPerceptron(training);
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("goal");
    assertThat(gate("perceptron/versions/latest")).containsExactly(0.0, 0.0, 0.0, 1.0);
  }

  private JsonNode trainPerceptron(String training) {
    http.upload("gate", GATE);
    JsonNode done =
        http.train(
            """
            {'model': {'name': 'perceptron', 'inputs': {'x': {'columns': ['a', 'b']}},
                       'targets': {'y': {'column': 'y'}},
                       'network': {'layers': [
                         {'type': 'dense', 'units': 1, 'activation': 'hardlim'}]}},
             'dataset': {'name': 'gate'}, 'training': {'loss': 'mae', %s}}
            """
                .formatted(training)
                .replace('\'', '"'));
    assertThat(done.get("warnings").findValuesAsString("code"))
        .as("a later version does not serve")
        .isSubsetOf("not_serving");
    return done;
  }

  /** The answers to the rows of the gate. */
  private List<Double> gate(String model) {
    JsonNode answer =
        http.post(
                "/v1/models/" + model + "/predict",
                "{\"instances\": %s}".formatted(ROWS.replace('\'', '"')))
            .expect(200)
            .json();
    return answer
        .get("predictions")
        .valueStream()
        .map(prediction -> prediction.get("y").doubleValue())
        .toList();
  }

  @Test
  void aStackOfLinearLayersWarnsAndCollapsesToOne() {
    String layers =
        "{\"type\":\"dense\",\"name\":\"hidden\",\"units\":3},{\"type\":\"dense\",\"name\":\"unit\",\"units\":1}";
    JsonNode done = train("linear-stack", "{'y': {'column': 'y'}}", layers, 20);
    assertThat(done.get("warnings")).isNotEmpty();

    JsonNode stack = http.get("/v1/models/linear-stack/versions/1/collapsed").expect(200).json();
    JsonNode stackOne = stack.findValue("weight");
    JsonNode bias = stack.findValue("bias");
    JsonNode answer =
        http.post("/v1/models/linear-stack/predict", "{\"instances\":[{\"a\":2,\"b\":-3}]}")
            .expect(200)
            .json();
    double collapsed =
        2 * stackOne.at("/0/0").doubleValue()
            - 3 * stackOne.at("/0/1").doubleValue()
            + bias.get(0).doubleValue();
    assertThat(answer.at("/predictions/0/y").doubleValue()).isCloseTo(collapsed, within(1e-5));
  }
}
