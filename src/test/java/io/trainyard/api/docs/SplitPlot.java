package io.trainyard.api.docs;

import java.util.List;
import java.util.Map;

/** Rows as squares, coloured by the part that they are in, as SVG. */
final class SplitPlot {
  private static final List<String> COLOURS = List.of("#1f8f78", "#e0a030", "#7a6bd0", "#9aa5aa");
  private static final List<String> PARTS = List.of("training", "validation", "test", "unused");
  private static final int LEFT = 112;
  private static final int SIZE = 14;
  private static final int LINE = 22;
  private static final int LEGEND = 26;

  private final Map<String, byte[]> lines;
  private final int[] strata;

  /**
   * @param lines the part of each row by what the line shows
   * @param strata a dot marks the rows of stratum 1
   */
  SplitPlot(Map<String, byte[]> lines, int[] strata) {
    this.lines = lines;
    this.strata = strata;
  }

  String svg() {
    int columns = lines.values().stream().mapToInt(line -> line.length).max().orElse(0);
    int width = LEFT + columns * (SIZE + 2) + 4;
    int height = lines.size() * LINE + LEGEND + 6;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n"
            .formatted(width, height, width, height));
    svg.append(LinePlot.STYLE);
    svg.append("<g font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n");
    int y = 4;
    for (Map.Entry<String, byte[]> line : lines.entrySet()) {
      svg.append("<text x=\"0\" y=\"%d\">%s</text>\n".formatted(y + 11, line.getKey()));
      squares(svg, line.getValue(), y);
      y += LINE;
    }
    legend(svg, y + 8);
    return svg.append("</g>\n</svg>\n").toString();
  }

  private void squares(StringBuilder svg, byte[] parts, int y) {
    for (int row = 0; row < parts.length; row++) {
      int x = LEFT + row * (SIZE + 2);
      svg.append(square(x, y, COLOURS.get(parts[row])));
      if (row < strata.length && strata[row] == 1) {
        svg.append(
            "<circle cx=\"%d\" cy=\"%d\" r=\"2.5\" fill=\"#fff\"/>\n".formatted(x + 7, y + 7));
      }
    }
  }

  private static String square(int x, int y, String colour) {
    return "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>\n"
        .formatted(x, y, SIZE, SIZE, colour);
  }

  private void legend(StringBuilder svg, int y) {
    int x = LEFT;
    for (int part = 0; part < PARTS.size(); part++) {
      int own = part;
      boolean shown =
          lines.values().stream()
              .anyMatch(
                  line -> {
                    for (byte each : line) {
                      if (each == own) {
                        return true;
                      }
                    }
                    return false;
                  });
      if (shown) {
        svg.append(square(x, y, COLOURS.get(part)));
        svg.append(
            "<text x=\"%d\" y=\"%d\">%s</text>\n".formatted(x + 19, y + 11, PARTS.get(part)));
        x += 100;
      }
    }
    if (strata.length > 0) {
      svg.append("<text x=\"%d\" y=\"%d\">dot: the rarer label</text>\n".formatted(x, y + 11));
    }
  }
}
