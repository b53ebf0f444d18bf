package io.trainyard.spec;

import io.trainyard.spec.Summary.LayerSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a network on a plane. A layer is one row below the lowest of its inputs; in a row,
 * layers stand in the order of the middle of their inputs, and each row is centred. An edge that
 * would run under a layer between its ends, as those around a block do, bends around all that is
 * there.
 *
 * @param width of all nodes, in pixels
 * @param height likewise
 */
public record GraphLayout(List<Node> nodes, List<Edge> edges, int width, int height) {
  /** The size of a node, and the space that it has with its surroundings. */
  public static final int NODE_WIDTH = 160;

  public static final int NODE_HEIGHT = 56;

  /** Between two rows of nodes. */
  public static final int GAP = 40;

  private static final int COLUMN = 200;
  private static final int ROW = NODE_HEIGHT + GAP;

  /** Between bends beside each other, and between the first and the layers that it goes around. */
  private static final int LANE = 24;

  /**
   * More bends beside each other share the last place: a net of all to all is no wider for them.
   */
  private static final int LANES = 24;

  /** Points of an edge at which it is looked for layers. */
  private static final int POINTS = 32;

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

  /**
   * What a layer reads.
   *
   * @param bend the x at which it goes down beside the layers between; null where it goes straight
   */
  public record Edge(String from, String to, @Nullable Integer bend) {}

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
        edges.add(new Edge(input, layer.name(), null));
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
    int width = new Bends(byRow, rows, xs).bend(edges, most * COLUMN);
    List<Node> nodes = new ArrayList<>();
    byRow.forEach(
        (row, names) ->
            names.forEach(
                name ->
                    nodes.add(
                        node(name, layers.get(name), Objects.requireNonNull(xs.get(name)), row))));
    return new GraphLayout(nodes, edges, width, byRow.size() * ROW);
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

  /** Where edges go around the layers between their ends: short ones inside of long ones. */
  private static final class Bends {
    private final Map<String, Integer> rows;
    private final Map<String, Integer> xs;

    /** The middles of the nodes of each row, and the x of the outermost bend beside it. */
    private final List<int[]> middles = new ArrayList<>();

    private final int[] outermost;

    Bends(Map<Integer, List<String>> byRow, Map<String, Integer> rows, Map<String, Integer> xs) {
      this.rows = rows;
      this.xs = xs;
      byRow.values().forEach(names -> middles.add(names.stream().mapToInt(xs::get).toArray()));
      outermost = new int[middles.size()];
    }

    /** Bends those that need it; returns the width of all. */
    int bend(List<Edge> edges, int width) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < edges.size(); i++) {
        if (isBlocked(edges.get(i))) {
          order.add(i);
        }
      }
      order.sort(Comparator.comparingInt(i -> row(edges.get(i).to()) - row(edges.get(i).from())));
      int all = width;
      for (int i : order) {
        Edge edge = edges.get(i);
        int bend = place(edge);
        edges.set(i, new Edge(edge.from(), edge.to(), bend));
        all = Math.max(all, bend + LANE);
      }
      return all;
    }

    private int place(Edge edge) {
      int first = Math.max(x(edge.from()), x(edge.to()));
      int outer = 0;
      for (int row = row(edge.from()) + 1; row < row(edge.to()); row++) {
        first = Math.max(first, Arrays.stream(middles.get(row)).max().orElse(0));
        outer = Math.max(outer, outermost[row]);
      }
      first += NODE_WIDTH / 2 + LANE;
      int bend = Math.clamp(outer + LANE, first, first + LANES * LANE);
      for (int row = row(edge.from()) + 1; row < row(edge.to()); row++) {
        outermost[row] = Math.max(outermost[row], bend);
      }
      return bend;
    }

    /** Whether a node stands where the edge would go straight. */
    private boolean isBlocked(Edge edge) {
      int from = row(edge.from());
      int to = row(edge.to());
      double begin = from * ROW + (double) NODE_HEIGHT;
      double length = to * ROW - begin;
      for (int i = 1; i < POINTS && to - from > 1; i++) {
        // The cubic curve with its inner points at half of the height, above and below its ends.
        double t = (double) i / POINTS;
        double x = x(edge.from()) + (x(edge.to()) - x(edge.from())) * t * t * (3 - 2 * t);
        double y = begin + length * (1.5 * t * (1 - t) + t * t * t);
        int row = (int) (y / ROW);
        if (y - row * ROW < NODE_HEIGHT
            && Arrays.stream(middles.get(row))
                .anyMatch(each -> Math.abs(each - x) < NODE_WIDTH / 2.0)) {
          return true;
        }
      }
      return false;
    }

    private int row(String name) {
      return Objects.requireNonNull(rows.get(name));
    }

    private int x(String name) {
      return Objects.requireNonNull(xs.get(name));
    }
  }
}
