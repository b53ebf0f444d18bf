package io.trainyard.api.model;

import io.trainyard.spec.GraphLayout;
import io.trainyard.spec.Summary;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/** The layers of a network on a plane. */
record GraphView(List<GraphLayout.Node> nodes, List<GraphLayout.Edge> edges) {
  private static final int LONGEST = 22;

  static GraphView of(GraphLayout layout) {
    return new GraphView(layout.nodes(), layout.edges());
  }

  /** Null where there is no summary, or nobody asked. */
  static @Nullable GraphView ofNullable(@Nullable Summary summary, boolean asked) {
    return summary == null || !asked ? null : of(GraphLayout.of(summary));
  }

  /** The same as a picture. */
  static byte[] svg(GraphLayout layout) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" font-family="DejaVu Sans, sans-serif" font-size="12" text-anchor="middle">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555555"/></marker></defs>
        """
            .formatted(layout.width(), layout.height()));
    Map<String, GraphLayout.Node> nodes = new HashMap<>();
    layout.nodes().forEach(node -> nodes.put(node.name(), node));
    for (GraphLayout.Edge edge : layout.edges()) {
      GraphLayout.Node from = Objects.requireNonNull(nodes.get(edge.from()));
      GraphLayout.Node to = Objects.requireNonNull(nodes.get(edge.to()));
      svg.append(
          "<path d=\"%s\" fill=\"none\" stroke=\"#555555\" marker-end=\"url(#arrow)\"/>\n"
              .formatted(line(edge.bend(), from, to)));
    }
    layout.nodes().forEach(node -> append(svg, node));
    return svg.append("</svg>\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** From the lower side of a box to the upper side of the other. */
  private static String line(@Nullable Integer bend, GraphLayout.Node from, GraphLayout.Node to) {
    int begin = from.y() + GraphLayout.NODE_HEIGHT / 2;
    int end = to.y() - GraphLayout.NODE_HEIGHT / 2;
    if (bend == null) {
      int middle = (begin + end) / 2;
      return "M%d %dC%1$d %d %d %3$d %4$d %d".formatted(from.x(), begin, middle, to.x(), end);
    }
    return "M%d %dC%1$d %d %d %2$d %4$d %3$dV%dC%4$d %d %d %5$d %7$d %6$d"
        .formatted(
            from.x(), begin, begin + GraphLayout.GAP, bend, end - GraphLayout.GAP, end, to.x());
  }

  private static void append(StringBuilder svg, GraphLayout.Node node) {
    int left = node.x() - GraphLayout.NODE_WIDTH / 2;
    int top = node.y() - GraphLayout.NODE_HEIGHT / 2;
    String counts =
        (node.shape() == null ? "" : node.shape().toString())
            + (node.parameters() == 0
                ? ""
                : String.format(Locale.ROOT, " · %,d", node.parameters()));
    svg.append(
        """
        <g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="%s" stroke="#3b5b7a"/><text x="%d" y="%d" font-weight="bold">%s</text><text x="%7$d" y="%d">%s</text><text x="%7$d" y="%d" fill="#555555">%s</text></g>
        """
            .formatted(
                escape(node.name()),
                left,
                top,
                GraphLayout.NODE_WIDTH,
                GraphLayout.NODE_HEIGHT,
                node.shape() == null ? "#eef3e6" : "#e8eff7",
                node.x(),
                node.y() - 11,
                escape(cut(node.name())),
                node.y() + 5,
                escape(node.type()),
                node.y() + 21,
                escape(cut(counts))));
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  private static String escape(String text) {
    return HtmlUtils.htmlEscape(text, "UTF-8");
  }
}
