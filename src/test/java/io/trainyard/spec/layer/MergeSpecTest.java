package io.trainyard.spec.layer;

import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MergeSpecTest {

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
}
