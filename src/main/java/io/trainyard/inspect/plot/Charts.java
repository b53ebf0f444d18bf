package io.trainyard.inspect.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/**
 * How all charts look. The colours of classes and lines are those of Okabe and Ito, and those of
 * numbers cividis: people with any colour vision tell them apart, and shapes and dashes differ too.
 */
final class Charts {
  private static final List<Color> COLORS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x000000),
          new Color(0xA89F00));

  /** Every eighth colour of cividis. */
  private static final int[] CIVIDIS = {
    0x00224E, 0x123570, 0x3B496C, 0x575D6D, 0x707173, 0x8A8678, 0xA59C74, 0xC3B369, 0xE1CC55,
    0xFEE838
  };

  private static final float[][] DASHES = {{}, {8, 4}, {2, 3}, {10, 3, 2, 3}};
  private static final Font TITLE = new Font(Fonts.NAME, Font.PLAIN, 17);
  private static final Font LABEL = new Font(Fonts.NAME, Font.PLAIN, 14);
  private static final Font TICK = new Font(Fonts.NAME, Font.PLAIN, 12);
  private static final Color GRID = new Color(0xDDDDDD);

  private Charts() {}

  /** As many classes as there are colours and shapes. */
  static int colors() {
    return COLORS.size();
  }

  static Color color(int index) {
    return COLORS.get(index % COLORS.size());
  }

  /** The same colour mixed with white, for areas behind points. */
  static Color pale(int index) {
    Color color = color(index);
    return new Color(whiter(color.getRed()), whiter(color.getGreen()), whiter(color.getBlue()));
  }

  private static int whiter(int part) {
    return 255 - (255 - part) * 3 / 10;
  }

  static BasicStroke line(int index) {
    float[] dash = DASHES[index / COLORS.size() % DASHES.length];
    return stroke(index < COLORS.size() ? DASHES[index % DASHES.length] : dash, 2.2f);
  }

  static BasicStroke thin() {
    return stroke(DASHES[1], 1.2f);
  }

  private static BasicStroke stroke(float[] dash, float width) {
    return dash.length == 0
        ? new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
        : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dash, 0);
  }

  /** A mark for points, of one of several forms. */
  static Shape mark(int index) {
    double r = 3.8;
    return switch (index % 4) {
      case 0 -> new Ellipse2D.Double(-r, -r, 2 * r, 2 * r);
      case 1 -> polygon(0, -r - 1, r + 0.5, r, -r - 0.5, r);
      case 2 -> new Rectangle2D.Double(-r + 0.4, -r + 0.4, 2 * r - 0.8, 2 * r - 0.8);
      default -> polygon(0, -r - 1, r + 1, 0, 0, r + 1, -r - 1, 0);
    };
  }

  private static Shape polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** The colour of a number. */
  static PaintScale scale(double low, double high) {
    double top = high > low ? high : low + 1;
    LookupPaintScale scale = new LookupPaintScale(low, top, Color.LIGHT_GRAY);
    int steps = 128;
    for (int i = 0; i < steps; i++) {
      scale.add(low + (top - low) * i / steps, cividis((i + 0.5) / steps));
    }
    return scale;
  }

  static Color cividis(double share) {
    double place = Math.clamp(share, 0.0, 1.0) * (CIVIDIS.length - 1);
    int from = Math.min((int) place, CIVIDIS.length - 2);
    double part = place - from;
    return new Color(
        mix(CIVIDIS[from] >> 16, CIVIDIS[from + 1] >> 16, part),
        mix(CIVIDIS[from] >> 8, CIVIDIS[from + 1] >> 8, part),
        mix(CIVIDIS[from], CIVIDIS[from + 1], part));
  }

  private static int mix(int a, int b, double part) {
    return (int) Math.round((a & 255) * (1 - part) + (b & 255) * part);
  }

  static NumberAxis axis(String label) {
    NumberAxis axis = new NumberAxis(label);
    axis.setAutoRangeIncludesZero(false);
    // Lines at 0 are not hidden by the frame.
    axis.setAutoRangeStickyZero(false);
    style(axis);
    return axis;
  }

  static void style(ValueAxis axis) {
    axis.setLabelFont(LABEL);
    axis.setTickLabelFont(TICK);
  }

  /** A chart with a legend below when there is more than one entry. */
  static JFreeChart chart(String title, XYPlot plot) {
    plot.setBackgroundPaint(Color.WHITE);
    plot.setDomainGridlinePaint(GRID);
    plot.setRangeGridlinePaint(GRID);
    plot.setDomainGridlineStroke(new BasicStroke(0.8f));
    plot.setRangeGridlineStroke(new BasicStroke(0.8f));
    boolean legend = plot.getLegendItems().getItemCount() > 1;
    JFreeChart chart = new JFreeChart(null, TITLE, plot, legend);
    TextTitle text = new TextTitle(title, TITLE);
    text.setPadding(new RectangleInsets(6, 6, 6, 6));
    chart.setTitle(text);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(4, 4, 4, 12));
    if (legend) {
      chart.getLegend().setItemFont(TICK);
    }
    return chart;
  }

  /** Adds what the colours of a scale mean. */
  static void addScale(JFreeChart chart, PaintScale scale, String label) {
    NumberAxis axis = axis(label);
    PaintScaleLegend legend = new PaintScaleLegend(scale, axis);
    legend.setPosition(RectangleEdge.RIGHT);
    legend.setMargin(new RectangleInsets(30, 8, 50, 8));
    legend.setStripWidth(16);
    chart.addSubtitle(legend);
  }

  static Font tickFont() {
    return TICK;
  }
}
