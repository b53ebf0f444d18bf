package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final ModelSpec MODEL =
      Specs.network(
          "[4]",
          "{'type': 'dense', 'name': 'fc1', 'units': 16, 'activation': 'relu', 'trainable': false}",
          "{'type': 'batch_norm', 'name': 'bn'}",
          "{'type': 'dense', 'name': 'fc2', 'units': 3, 'activation': 'softmax'}");

  @Test
  void sumsParametersAndBytesOfAllLayers() {
    Summary summary = Summary.of(MODEL.network(), Specs.shapes(MODEL));

    // 4·16 + 16, 2·16, 16·3 + 3.
    assertThat(summary.layers())
        .extracting(Summary.LayerSummary::parameters)
        .containsExactly(80L, 32L, 51L);
    assertThat(summary.parameters()).isEqualTo(163);
    assertThat(summary.trainableParameters()).isEqualTo(83);
    assertThat(summary.multiplyAdds()).isEqualTo(64 + 16 + 48);
    // Running mean and variance are stored too, and one 8-byte counter.
    assertThat(summary.bytes()).isEqualTo(4 * (163 + 32) + 8);
    // Seven copies of the (163 + 32 + 1) stored elements; for each of 32 rows the 4 inputs, three
    // of the 16 + 16 + 3 outputs, and twice the 16 values before relu.
    assertThat(summary.trainingBytes()).isEqualTo(4 * (7 * 196 + (4 + 3 * 35 + 2 * 16) * 32));
    assertThat(summary.layers().getFirst().trainable()).isFalse();
    assertThat(summary.layers().getLast().outputShape()).containsExactly(3);
  }

  @Test
  void theTableHasOneLinePerLayerAndTotals() {
    String table = Summary.of(MODEL.network(), Specs.shapes(MODEL)).text();

    assertThat(table.lines().skip(2).limit(3))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("fc1 (dense, frozen)").contains("[16]", " 80 "),
            line -> assertThat(line).startsWith("bn (batch_norm)").contains("[16]", " 32 "),
            line -> assertThat(line).startsWith("fc2 (dense)").contains("[3]", " 51 "));
    assertThat(table)
        .contains("Total parameters: 163\n")
        .contains("Trainable parameters: 83\n")
        .contains("Non-trainable parameters: 80\n");
  }
}
