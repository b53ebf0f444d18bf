package io.trainyard.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.layer.Layer;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The walk of the search covers what it promises. */
@Tag("long")
class NetworkCasesTest {
  private final NetworkCases cases = new NetworkCases(7);

  @Test
  void aRoundHasAValidNetworkOfEveryCell() {
    for (long number = 0; number < NetworkCases.perRound(); number++) {
      NetworkCases.Cell cell = NetworkCases.cell(number);
      NetworkCase network = cases.get(number);
      assertThat(network.training().batchSize()).isEqualTo(cell.batch());
      assertThat(network.model().network().layers())
          .as("%s: %s", cell, network)
          .anySatisfy(layer -> assertThat(isPlaced(layer, cell)).isTrue());
    }
  }

  private static boolean isPlaced(Layer layer, NetworkCases.Cell cell) {
    boolean name =
        switch (cell.placement()) {
          case NESTED -> layer.name().equals("l/inner");
          case SHARED -> "l".equals(layer.share());
          case FROZEN -> layer.name().equals("l") && !layer.trainable();
          case FIRST, BEHIND_TRAINED, BEHIND_FROZEN ->
              layer.name().equals("l") && layer.trainable();
        };
    return name && layer.spec().type().equals(cell.layer().type());
  }

  @Test
  void seedAndNumberDecideANetwork() {
    List<String> first = texts(cases);
    assertThat(texts(new NetworkCases(7))).isEqualTo(first);
    assertThat(first).doesNotHaveDuplicates();
    assertThat(texts(new NetworkCases(8))).doesNotContainAnyElementsOf(first);
  }

  private static List<String> texts(NetworkCases cases) {
    return LongStream.range(0, 60).mapToObj(number -> cases.get(number * 41).toString()).toList();
  }
}
