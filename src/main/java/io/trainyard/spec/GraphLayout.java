package io.trainyard.spec;

import io.trainyard.spec.Summary.LayerSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a network on a plane. A layer is one row below the lowest of its inputs; in a row,
 * layers stand in the order of the middle of their inputs, and each row is centred.
 *
 * @param width of all nodes, in pixels
 * @param height likewise
 */
public record GraphLayout(List<Node> nodes, List<Edge> edges, int width, int height) {
  /** The size of a node, and the space that it has with its surroundings. */
  public static final int NODE_WIDTH = 160;

  public static final int NODE_HEIGHT = 56;
  private static final int COLUMN = 200;
  private static final int ROW = 96;

  private static final String INPUT = "input";

  public GraphLayout {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * A layer, or an input of the network.
   *
   * @param x of its middle
   * @param y of its middle
   * @param shape without the batch axis; null for an input, whose shape its columns decide
   */
  public record Node(
      String name, String type, int x, int y, @Nullable List<Integer> shape, long parameters) {}

  /** What a layer reads. */
  public record Edge(String from, String to) {}

  public static GraphLayout of(Summary summary) {
    Map<String, LayerSummary> layers = new LinkedHashMap<>();
    summary.layers().forEach(layer -> layers.put(layer.name(), layer));
    Map<String, Integer> rows = new LinkedHashMap<>();
    List<Edge> edges = new ArrayList<>();
    for (LayerSummary layer : summary.layers()) {
      int row = 0;
      for (String input : layer.inputs()) {
        // Layers come in the order of computation; another name is an input of the network.
        row = Math.max(row, 1 + rows.computeIfAbsent(input, _ -> 0));
        edges.add(new Edge(input, layer.name()));
      }
      rows.put(layer.name(), row);
    }
    Map<Integer, List<String>> byRow = new TreeMap<>();
    rows.forEach((name, row) -> byRow.computeIfAbsent(row, _ -> new ArrayList<>()).add(name));
    int most = byRow.values().stream().mapToInt(List::size).max().orElse(1);
    Map<String, Integer> xs = new LinkedHashMap<>();
    byRow.forEach(
        (_, names) -> {
          names.sort(Comparator.comparingDouble(name -> middle(layers.get(name), xs)));
          int left = (most - names.size()) * COLUMN / 2;
          for (int i = 0; i < names.size(); i++) {
            xs.put(names.get(i), left + i * COLUMN + COLUMN / 2);
          }
        });
    List<Node> nodes = new ArrayList<>();
    byRow.forEach(
        (row, names) ->
            names.forEach(
                name ->
                    nodes.add(
                        node(name, layers.get(name), Objects.requireNonNull(xs.get(name)), row))));
    return new GraphLayout(nodes, edges, most * COLUMN, byRow.size() * ROW);
  }

  private static Node node(String name, @Nullable LayerSummary layer, int x, int row) {
    int y = row * ROW + ROW / 2;
    return layer == null
        ? new Node(name, INPUT, x, y, null, 0)
        : new Node(name, layer.type(), x, y, layer.outputShape(), layer.parameters());
  }

  private static double middle(@Nullable LayerSummary layer, Map<String, Integer> xs) {
    return layer == null
        ? 0
        : layer.inputs().stream().mapToInt(input -> xs.getOrDefault(input, 0)).average().orElse(0);
  }
}
