package io.trainyard.spec.layer;

import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;

class RecurrentSpecTest {

  @Test
  void recurrentCellsHaveTwoBiasVectors() {
    NetworkShapes lstm = shapes("[50, 8]", "{'type': 'lstm', 'name': 'r', 'units': 32}");
    assertThat(lstm.of("r")).isEqualTo(Shape.of(32));
    assertThat(lstm.layer("r").parameters()).isEqualTo(4 * 32 * (8 + 32 + 2));
    assertThat(lstm.layer("r").formula())
        .contains("4h(i + h + 2) = 4·32·(8 + 32 + 2) = 5376")
        .contains("4h(i + h + 1) = 5248");

    NetworkShapes gru =
        shapes(
            "[50, 8]",
            "{'type': 'gru', 'name': 'r', 'units': 4, 'layers': 2, 'bidirectional': true,"
                + " 'return_sequences': true}");
    assertThat(gru.of("r")).isEqualTo(Shape.of(50, 8));
    assertThat(gru.layer("r").parameters())
        .isEqualTo(2 * 3 * 4 * (8 + 4 + 2) + 2 * 3 * 4 * (8 + 4 + 2));
    assertThat(gru.weights())
        .extracting(WeightSpec::name)
        .contains("r.weight_ih_l0", "r.weight_hh_l1_reverse", "r.bias_hh_l0_reverse");
  }

  @Test
  void theForgetGateOfAnLstmStartsOpen() {
    NetworkShapes lstm = shapes("[5, 2]", "{'type': 'lstm', 'name': 'r', 'units': 3}");

    assertThat(lstm.weights())
        .filteredOn(weight -> weight.name().startsWith("r.bias"))
        .extracting(WeightSpec::initializer)
        .containsExactly(new InitializerSpec.ForgetGate(), new InitializerSpec.Constant(0));
  }
}
