package io.trainyard.api.docs;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;

/** Lines over numbered axes as SVG, for pages of either colour. */
final class LinePlot {
  /** Colours of text and axes, also for pages that are read apart from the site. */
  static final String STYLE =
      "<style>svg{color:#3b474d}@media(prefers-color-scheme:dark){svg{color:#c3cdd1}}</style>\n";

  private static final int WIDTH = 360;
  private static final int HEIGHT = 210;
  private static final int LEFT = 46;
  private static final int RIGHT = 10;
  private static final int TOP = 10;
  private static final int BOTTOM = 26;

  /** Of the function, and of its derivative. */
  private static final List<String> LINES =
      List.of(
          "stroke=\"#1f8f78\" stroke-width=\"2.2\"",
          "stroke=\"#d07f22\" stroke-width=\"1.6\" stroke-dasharray=\"5 4\"");

  private final double[] x;
  private final List<double[]> lines;
  private final double least;
  private final double most;

  /**
   * @param x rising
   * @param lines the values at each x
   * @param shown a value that the axis always has
   */
  LinePlot(double[] x, List<double[]> lines, double shown) {
    this.x = x;
    this.lines = lines;
    double low = shown;
    double high = shown;
    for (double[] line : lines) {
      for (double value : line) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    double step = step(Math.max(high - low, 1e-6 + Math.abs(high) * 0.1));
    least = Math.floor(low / step) * step;
    most = Math.max(Math.ceil(high / step) * step, least + step);
  }

  /** 1, 2 or 5 times a power of ten, so that about five steps fill the range. */
  private static double step(double range) {
    double rough = range / 4;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n"
            .formatted(WIDTH, HEIGHT, WIDTH, HEIGHT));
    svg.append(STYLE);
    svg.append("<g font-family=\"system-ui,sans-serif\" font-size=\"11\" fill=\"currentColor\">\n");
    double step = step(most - least);
    for (double value = Math.ceil(least / step) * step; value <= most + step / 1e6; value += step) {
      line(svg, LEFT, y(value), WIDTH - RIGHT, y(value), isZero(value, step));
      text(svg, LEFT - 6, y(value) + 4, "end", value, step);
    }
    double across = step(x[x.length - 1] - x[0]);
    for (double at = Math.ceil(x[0] / across) * across;
        at <= x[x.length - 1] + across / 1e6;
        at += across) {
      line(svg, x(at), TOP, x(at), HEIGHT - BOTTOM, isZero(at, across));
      text(svg, x(at), HEIGHT - BOTTOM + 16, "middle", at, across);
    }
    svg.append("</g>\n");
    for (int i = lines.size() - 1; i >= 0; i--) {
      svg.append("<path fill=\"none\" stroke-linejoin=\"round\" ").append(LINES.get(i));
      svg.append(" d=\"").append(path(lines.get(i))).append("\"/>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static boolean isZero(double value, double step) {
    return Math.abs(value) < step / 1e6;
  }

  private static void line(
      StringBuilder svg, double x1, double y1, double x2, double y2, boolean axis) {
    svg.append(
        "<path stroke=\"currentColor\" stroke-opacity=\"%s\" d=\"M%s %sL%s %s\"/>\n"
            .formatted(axis ? "0.6" : "0.15", point(x1), point(y1), point(x2), point(y2)));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, double number, double step) {
    String label =
        isZero(number, step)
            ? "0"
            : new BigDecimal(number)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString()
                .replace('-', '−');
    svg.append(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
            .formatted(point(x), point(y), anchor, label));
  }

  private String path(double[] line) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < line.length; i++) {
      path.append(path.isEmpty() ? "M" : "L");
      path.append(point(x(x[i]))).append(' ').append(point(y(line[i])));
    }
    return path.toString();
  }

  private double x(double value) {
    return LEFT + (value - x[0]) / (x[x.length - 1] - x[0]) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return TOP + (most - value) / (most - least) * (HEIGHT - TOP - BOTTOM);
  }

  private static String point(double at) {
    return String.format(Locale.ROOT, "%.1f", at).replaceFirst("\\.0$", "");
  }
}
