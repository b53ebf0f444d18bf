package io.trainyard.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadedWeightsCheckTest {
  private static final List<WeightSpec> EXPECTED =
      List.of(spec("l.weight", 2, 3), spec("l.bias", 2));

  private static WeightSpec spec(String name, int... shape) {
    return new WeightSpec(
        name, ElementType.FLOAT32, Shape.of(shape), true, new InitializerSpec.Torch(), 3, 2);
  }

  private static HostTensor floats(int... shape) {
    return HostTensor.allocate(ElementType.FLOAT32, Shape.of(shape));
  }

  @Test
  void weightsThatFitAreAccepted() {
    Map<String, HostTensor> weights = Map.of("l.weight", floats(2, 3), "l.bias", floats(2));
    LoadedWeightsCheck.require(EXPECTED, weights);
    assertThat(weights).hasSize(2);
  }

  @Test
  void allDifferencesAreListed() {
    Map<String, HostTensor> weights = Map.of("l.weight", floats(3, 2), "m.bias", floats(2));
    assertThatThrownBy(() -> LoadedWeightsCheck.require(EXPECTED, weights))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.WEIGHTS_MISMATCH);
              assertThat(e.violations().stream().map(Violation::detail))
                  .satisfiesExactly(
                      shape -> assertThat(shape).contains("'l.weight'", "[2, 3]", "[3, 2]"),
                      missing -> assertThat(missing).contains("'l.bias'", "missing"),
                      unknown -> assertThat(unknown).contains("'m.bias'"));
            });
  }

  @Test
  void theElementTypeMustMatch() {
    HostTensor doubles = HostTensor.allocate(ElementType.FLOAT64, Shape.of(2, 3));
    assertThatThrownBy(
            () ->
                LoadedWeightsCheck.require(
                    EXPECTED, Map.of("l.weight", doubles, "l.bias", floats(2))))
        .isInstanceOf(ServiceException.class);
  }
}
