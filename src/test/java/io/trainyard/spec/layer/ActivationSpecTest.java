package io.trainyard.spec.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.Golden;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ActivationSpecTest {

  @Test
  void everyFunctionHasAGoldenCase() {
    assertThat(golden().keySet()).containsAll(EnumSet.allOf(Function.class));
  }

  @Test
  void pyTorchsOutputsLieInTheRangeOfTheFunction() {
    assertThat(golden())
        .allSatisfy(
            (function, output) -> {
              ActivationSpec activation = ActivationSpec.of(function);
              for (long i = 0; i < output.shape().elements(); i++) {
                assertThat(output.doubleAt(i))
                    .isBetween(activation.function().min(), activation.function().max());
              }
            });
  }

  @Test
  void rangesFollowFromTheFormulas() {
    assertThat(ActivationSpec.of(Function.SOFTMAX).staysInUnitInterval()).isTrue();
    assertThat(ActivationSpec.of(Function.TANH).staysInUnitInterval()).isFalse();
    assertThat(ActivationSpec.of(Function.TANH).isBounded()).isTrue();
    assertThat(ActivationSpec.of(Function.RELU).isBounded()).isFalse();
    assertThat(ActivationSpec.of(Function.RELU).isNonNegative()).isTrue();
    assertThat(ActivationSpec.of(Function.GELU).isNonNegative()).isFalse();
  }

  /** The output of each function's activation layer. */
  private static Map<Function, HostTensor> golden() {
    return Golden.layerCases()
        .filter(json -> json.at("/network/layers/0/type").asString().equals("activation"))
        .collect(
            Collectors.toMap(
                ActivationSpecTest::function,
                json -> Golden.tensor(json.get("output")),
                (first, second) -> first));
  }

  private static Function function(JsonNode json) {
    JsonObject layer = JsonObject.of(json.at("/network/layers/0"), "", new Violations());
    return ActivationSpec.read(layer, "function").function();
  }
}
