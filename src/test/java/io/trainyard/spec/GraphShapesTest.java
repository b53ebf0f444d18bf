package io.trainyard.spec;

import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Recurrent layers, merges and rearrangements: counts checked by hand, and refusals. */
class GraphShapesTest {

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
  void theForgetGateStartsOpen() {
    NetworkShapes lstm = shapes("[5, 2]", "{'type': 'lstm', 'name': 'r', 'units': 3}");

    assertThat(lstm.weights())
        .filteredOn(weight -> weight.name().startsWith("r.bias"))
        .extracting(WeightSpec::initializer)
        .containsExactly(new InitializerSpec.ForgetGate(), new InitializerSpec.Constant(0));
  }

  @Test
  void everyMismatchNamesBothShapes() {
    assertThat(
            shapeFaults(
                networkText(
                    "[3, 4]",
                    "{'type': 'dense', 'name': 'a', 'units': 5, 'inputs': ['x']}",
                    "{'type': 'add', 'inputs': ['x', 'a']}",
                    "{'type': 'concat', 'axis': 0, 'inputs': ['x', 'a']}",
                    "{'type': 'matmul', 'inputs': ['x', 'a']}",
                    "{'type': 'subtract', 'inputs': ['x', 'x', 'x']}",
                    "{'type': 'maximum', 'inputs': ['x']}")))
        .containsExactly(
            "/network/layers/1: Layer 'add_1' (add) expects equal shapes but 'x' gives [3, 4] and"
                + " 'a' gives [3, 5]",
            "/network/layers/2: Layer 'concat_1' (concat) expects shapes that differ in axis 0"
                + " alone but 'x' gives [3, 4] and 'a' gives [3, 5]",
            "/network/layers/3: Layer 'matmul_1' (matmul) expects [..., n, k] and [..., k, m] but"
                + " 'x' gives [3, 4] and 'a' gives [3, 5]",
            "/network/layers/4: Layer 'subtract_1' (subtract) takes 2 inputs but has 3: [x, x, x]",
            "/network/layers/5: Layer 'maximum_1' (maximum) takes 2 or more inputs but has 1:"
                + " [x]");
  }

  @Test
  void rearrangementsThatDoNotFitAreRefused() {
    assertThat(
            shapeFaults(
                networkText(
                    "[3, 4]",
                    "{'type': 'reshape', 'shape': [5, -1], 'inputs': ['x']}",
                    "{'type': 'permute', 'axes': [0, 0], 'inputs': ['x']}",
                    "{'type': 'permute', 'axes': [0, 2], 'inputs': ['x']}",
                    "{'type': 'slice', 'axis': 1, 'start': 2, 'end': 5, 'inputs': ['x']}",
                    "{'type': 'crop', 'cropping': 2, 'inputs': ['x']}",
                    "{'type': 'zero_pad', 'padding': [1, 1], 'inputs': ['x']}",
                    "{'type': 'lstm', 'units': 1, 'inputs': ['reshape_2']}",
                    "{'type': 'reshape', 'shape': [12], 'inputs': ['x']}",
                    "{'type': 'normalize', 'mean': [1, 2], 'std': 1, 'inputs': ['x']}")))
        .containsExactlyInAnyOrder(
            "/network/layers/0: Layer 'reshape_1' (reshape) cannot make [5, -1] of the 12 elements"
                + " of [3, 4]",
            "/network/layers/1: Layer 'permute_1' (permute) must name each of the 2 axes of [3, 4]"
                + " once, but names [0, 0]",
            "/network/layers/2: Layer 'permute_2' (permute) names axis 2, but [3, 4] has 2 axes",
            "/network/layers/3: Layer 'slice_1' (slice) takes 2 to 5 of axis 1, which has 4"
                + " elements",
            "/network/layers/4: Layer 'crop_1' (crop) leaves nothing of an axis of 3",
            "/network/layers/5: Layer 'zero_pad_1' (zero_pad) lists 2 axes, but 'x' gives [3,"
                + " 4] with 1 besides the channels",
            "/network/layers/6: Layer 'lstm_1' (lstm) expects [steps, channels] but 'reshape_2'"
                + " gives [12]",
            "/network/layers/8: Layer 'normalize_1' (normalize) has 2 numbers for the 4 channels of"
                + " [3, 4]");
  }
}
