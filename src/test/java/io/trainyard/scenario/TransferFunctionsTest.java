package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Transfer functions under all their names, the gate a linear unit learns, and linear stacks. */
@ScenarioTest
class TransferFunctionsTest {
  @Autowired private Http http;

  private static final String GATE = "a,b,y\n0,0,0\n0,1,0\n1,0,0\n1,1,1\n";

  private JsonNode train(String name, String layers, int epochs) {
    http.upload("gate", GATE);
    JsonNode done =
        http.train(
            """
                {"model": {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}},
                           "targets": {"y": {"column": "y"}}, "network": {"layers": [%s]}},
                 "dataset": {"name": "gate"},
                 "training": {"loss": "mse", "epochs": %d, "batch_size": 4, "seed": 1,
                              "optimizer": {"type": "adam", "learning_rate": 0.05}}}
                """
                .formatted(name, layers, epochs));
    return done;
  }

  @ParameterizedTest
  @CsvSource({
    "hardlim,step",
    "purelin,linear",
    "logsig,sigmoid",
    "tansig,tanh",
    "poslin,relu",
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
      answers = answers.isEmpty() ? answer.toString() : answers;
      assertThat(answer.toString()).isEqualTo(answers);
    }
  }

  @Test
  void aLinearUnitCutAtOneHalfLearnsTheAndGate() {
    train("and-unit", "{\"type\": \"dense\", \"units\": 1, \"activation\": \"purelin\"}", 300);
    JsonNode answer =
        http.post(
                "/v1/models/and-unit/predict",
                "{\"instances\":[{\"a\":0,\"b\":0},{\"a\":0,\"b\":1},{\"a\":1,\"b\":0},{\"a\":1,\"b\":1}]}")
            .expect(200)
            .json();
    // Least squares on the four rows: y = (a + b)/2 − 1/4.
    double[] expected = {-0.25, 0.25, 0.25, 0.75};
    for (int i = 0; i < 4; i++) {
      assertThat(answer.at("/predictions/" + i + "/y").doubleValue())
          .isCloseTo(expected[i], within(0.02));
    }
  }

  @Test
  void aStackOfLinearLayersWarnsAndCollapsesToOne() {
    String layers =
        "{\"type\":\"dense\",\"name\":\"hidden\",\"units\":3},{\"type\":\"dense\",\"name\":\"unit\",\"units\":1}";
    JsonNode done = train("linear-stack", layers, 20);
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
