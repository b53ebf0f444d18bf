package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Shapes, counts and formulas before a single step. */
@ScenarioTest
class ShapesTest {
  @Autowired private Http http;

  private JsonNode firstLayer(String shape, String layer) {
    JsonNode answer =
        http.post(
                "/v1/models:validate",
                """
                {"model": {"name": "shapes", "network": {"inputs": {"x": {"shape": %s}}, "layers": [%s]}}}
                """
                    .formatted(shape, layer))
            .expect(200)
            .json();
    assertThat(answer.get("valid").booleanValue()).as(answer.toString()).isTrue();
    return answer.at("/summary/layers/0");
  }

  @Test
  void conv1dSameKeepsTheLength() {
    JsonNode layer =
        firstLayer(
            "[500, 1]",
            "{\"type\":\"conv1d\",\"filters\":20,\"kernel_size\":10,\"padding\":\"same\"}");
    assertThat(layer.get("output_shape")).hasToString("[500,20]");
    assertThat(layer.get("parameters").intValue()).isEqualTo(10 * 20 + 20);
  }

  @Test
  void anEvenKernelPadsAsymmetricallyAndSaysSo() {
    JsonNode layer =
        firstLayer(
            "[5, 720, 1]",
            "{\"type\":\"conv2d\",\"filters\":64,\"kernel_size\":[5,100],\"padding\":\"same\"}");
    assertThat(layer.get("output_shape")).hasToString("[5,720,64]");
    assertThat(layer.get("parameters").intValue()).isEqualTo(5 * 100 * 64 + 64);
    assertThat(layer.get("formula").stringValue()).contains("49").contains("50");
  }

  @Test
  void validStridesAndDilationShrink() {
    assertThat(
            firstLayer(
                    "[5, 720, 1]", "{\"type\":\"conv2d\",\"filters\":64,\"kernel_size\":[5,100]}")
                .get("output_shape"))
        .hasToString("[1,621,64]");
    assertThat(
            firstLayer(
                    "[100, 3]",
                    "{\"type\":\"conv1d\",\"filters\":4,\"kernel_size\":3,\"strides\":2,\"dilation\":2}")
                .get("output_shape"))
        .hasToString("[48,4]");
    assertThat(
            firstLayer(
                    "[28, 28, 1]",
                    "{\"type\":\"conv2d\",\"filters\":8,\"kernel_size\":3,\"padding\":[[1,2],[0,1]]}")
                .get("output_shape"))
        .hasToString("[29,27,8]");
  }

  @Test
  void denseActsOnTheLastAxisOfAnyRank() {
    assertThat(firstLayer("[3, 4]", "{\"type\":\"dense\",\"units\":4}").get("output_shape"))
        .hasToString("[3,4]");
    assertThat(firstLayer("[3, 5]", "{\"type\":\"dense\",\"units\":10}").get("output_shape"))
        .hasToString("[3,10]");
  }
}
