package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The bytes of a batch, counted by hand. */
class NetworkShapesTest {
  private static final NetworkShapes SHAPES =
      Specs.shapes("[100, 1]", "{'type': 'gru', 'name': 'g', 'units': 1}");

  @Test
  void graphOfOperationsCountsOnceForAllRows() {
    long graph = 100 * 15 * 1200;
    long row = SHAPES.batchBytes(1) - graph;
    assertThat(row).isEqualTo(4 * (100 + 3 + 100 * 12 + 2 * (100 * 5 + 100)));
    assertThat(SHAPES.batchBytes(7)).isEqualTo(7 * row + graph);
  }

  @Test
  void evaluationBuildsNoGraph() {
    NetworkShapes longer = Specs.shapes("[50000, 1]", "{'type': 'gru', 'name': 'g', 'units': 1}");
    // A row has about 5 MB, the graph of training 900 MB.
    assertThat(longer.evaluationRows(1)).isBetween(10, 20);
  }
}
