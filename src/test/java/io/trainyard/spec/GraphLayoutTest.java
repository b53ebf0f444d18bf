package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.GraphLayout.Edge;
import io.trainyard.spec.GraphLayout.Node;
import io.trainyard.spec.Summary.LayerSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Layers are placed so that every edge goes down, and no two stand on each other. */
class GraphLayoutTest {
  private static LayerSummary layer(String name, String... inputs) {
    return new LayerSummary(name, "dense", List.of(inputs), List.of(4), "", 20, true, 16, 80, 160);
  }

  private static GraphLayout layout(LayerSummary... layers) {
    return GraphLayout.of(new Summary(List.of(layers), 0, 0, 0, 0, 0, 32));
  }

  private static Node node(GraphLayout layout, String name) {
    return layout.nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void chainStandsInOneColumn() {
    GraphLayout layout = layout(layer("a", "x"), layer("b", "a"));
    assertThat(layout.nodes())
        .containsExactly(
            new Node("x", "input", 100, 48, null, 0),
            new Node("a", "dense", 100, 144, List.of(4), 20),
            new Node("b", "dense", 100, 240, List.of(4), 20));
    assertThat(layout.edges()).containsExactly(new Edge("x", "a", null), new Edge("a", "b", null));
    assertThat(layout.width()).isEqualTo(200);
    assertThat(layout.height()).isEqualTo(288);
  }

  @Test
  void branchesStandBesideEachOtherInTheOrderOfTheirInputs() {
    GraphLayout layout =
        layout(
            layer("left", "x"),
            layer("right", "y"),
            layer("of_right", "right"),
            layer("of_left", "left"),
            layer("sum", "of_left", "of_right", "x"));
    assertThat(node(layout, "of_left").x()).isLessThan(node(layout, "of_right").x());
    assertThat(node(layout, "sum").y()).isEqualTo(3 * 96 + 48);
    assertThat(node(layout, "sum").x()).isEqualTo(200);
    for (Edge edge : layout.edges()) {
      assertThat(node(layout, edge.from()).y()).isLessThan(node(layout, edge.to()).y());
    }
    assertThat(layout.nodes().stream().map(node -> node.x() + "," + node.y()))
        .doesNotHaveDuplicates();
  }

  /** In a chain it would else lie under the boxes and look like the chain itself. */
  @Test
  void anEdgeThatSkipsALayerGoesAroundIt() {
    GraphLayout layout =
        layout(
            layer("a", "x"),
            layer("b", "a"),
            layer("c", "a", "b"),
            layer("d", "c"),
            layer("e", "a", "c", "d"));
    assertThat(bend(layout, "a", "b")).isNull();
    assertThat(bend(layout, "a", "c")).isEqualTo(204);
    assertThat(bend(layout, "c", "e")).isEqualTo(204);
    assertThat(bend(layout, "a", "e")).isEqualTo(228);
    assertThat(layout.width()).isEqualTo(252);
    layout = layout(layer("b", "x"), layer("c", "x"), layer("d", "x", "b", "c"));
    assertThat(bend(layout, "x", "d")).as("between two layers").isNull();
  }

  private static @Nullable Integer bend(GraphLayout layout, String from, String to) {
    return layout.edges().stream()
        .filter(edge -> edge.from().equals(from) && edge.to().equals(to))
        .findFirst()
        .orElseThrow()
        .bend();
  }
}
