package io.trainyard.inspect.plot;

import io.trainyard.dataset.grid.GridAxis;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYDataImageAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.DefaultXYDataset;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a network gives over two of its columns.
 *
 * @param x the columns' names, and the values that the network was asked for
 * @param classes of the values; empty: the values are numbers
 * @param values by y, then by x; the index of a class or a number
 * @param meaning of the values
 * @param contours lines on which other values are 0
 * @param points rows of a dataset
 */
@SuppressWarnings("ArrayRecordComponent")
public record GridPlot(
    String kind,
    String title,
    GridAxis x,
    GridAxis y,
    List<String> classes,
    double[][] values,
    String meaning,
    List<Contour> contours,
    List<Point> points)
    implements Plot {
  public GridPlot {
    classes = List.copyOf(classes);
    contours = List.copyOf(contours);
    points = List.copyOf(points);
  }

  /**
   * A line in pieces.
   *
   * @param segments each from (x, y) to (x, y)
   */
  public record Contour(String name, List<double[]> segments) {
    public Contour {
      segments = List.copyOf(segments);
    }
  }

  /**
   * A row of a dataset.
   *
   * @param label the index of its class; −1 when it has none of them
   */
  public record Point(double x, double y, int label) {}

  @Override
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", kind).put("title", title);
    side(json.putObject("x"), x);
    side(json.putObject("y"), y);
    if (!classes.isEmpty()) {
      ArrayNode names = json.putArray("classes");
      classes.forEach(names::add);
    }
    json.put("meaning", meaning);
    ArrayNode rows = json.putArray("values");
    for (double[] row : values) {
      ArrayNode own = rows.addArray();
      if (classes.isEmpty()) {
        Plot.add(own, row);
      } else {
        for (double label : row) {
          own.add((int) label);
        }
      }
    }
    ArrayNode lines = json.putArray("contours");
    for (Contour contour : contours) {
      ObjectNode line = lines.addObject().put("unit", contour.name());
      ArrayNode segments = line.putArray("segments");
      contour.segments().forEach(segment -> Plot.add(segments.addArray(), segment));
    }
    ArrayNode data = json.putArray("data");
    for (Point point : points) {
      ObjectNode own = data.addObject().put("x", point.x()).put("y", point.y());
      if (point.label() >= 0) {
        own.put("class", classes.get(point.label()));
      }
    }
    return json;
  }

  private static void side(ObjectNode json, GridAxis side) {
    json.put("column", side.column());
    Plot.add(json.putArray("values"), side.values());
  }

  @Override
  public JFreeChart chart() {
    DefaultXYDataset data = new DefaultXYDataset();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    LegendItemCollection legend = new LegendItemCollection();
    for (int label = 0; label < classes.size(); label++) {
      addPoints(label, classes.get(label), data, renderer, legend);
    }
    addPoints(-1, "data", data, renderer, legend);
    for (int i = 0; i < contours.size(); i++) {
      addContour(i, data, renderer, legend);
    }
    PaintScale scale = classes.isEmpty() ? scale() : null;
    renderer.addAnnotation(
        new XYDataImageAnnotation(image(scale), x.from(), y.from(), x.length(), y.length(), true),
        Layer.BACKGROUND);
    NumberAxis horizontal = axis(x);
    NumberAxis vertical = axis(y);
    XYPlot plot = new XYPlot(data, horizontal, vertical, renderer);
    plot.setFixedLegendItems(legend);
    JFreeChart chart = Charts.chart(title, plot);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinesVisible(false);
    if (scale != null) {
      Charts.addScale(chart, scale, meaning);
    }
    return chart;
  }

  private static NumberAxis axis(GridAxis side) {
    NumberAxis axis = Charts.axis(side.column());
    axis.setRange(side.from(), side.from() + side.length());
    return axis;
  }

  private void addPoints(
      int label,
      String name,
      DefaultXYDataset data,
      XYLineAndShapeRenderer renderer,
      LegendItemCollection legend) {
    List<Point> own = points.stream().filter(point -> point.label() == label).toList();
    boolean isClass = label >= 0;
    if (own.isEmpty() && !isClass) {
      return;
    }
    int series = data.getSeriesCount();
    double[][] places = new double[2][own.size()];
    for (int i = 0; i < own.size(); i++) {
      places[0][i] = own.get(i).x();
      places[1][i] = own.get(i).y();
    }
    data.addSeries("points " + label, places);
    Color fill = isClass ? Charts.color(label) : Color.WHITE;
    renderer.setSeriesLinesVisible(series, false);
    renderer.setSeriesShapesFilled(series, true);
    renderer.setSeriesShape(series, Charts.mark(Math.max(0, label)));
    renderer.setUseFillPaint(true);
    renderer.setSeriesFillPaint(series, fill);
    renderer.setDrawOutlines(true);
    renderer.setUseOutlinePaint(true);
    renderer.setSeriesOutlinePaint(series, isClass ? Color.WHITE : Color.BLACK);
    legend.add(
        new LegendItem(
            name,
            null,
            null,
            null,
            Charts.mark(Math.max(0, label)),
            fill,
            Charts.line(0),
            isClass ? fill : Color.BLACK));
  }

  private void addContour(
      int index,
      DefaultXYDataset data,
      XYLineAndShapeRenderer renderer,
      LegendItemCollection legend) {
    Contour contour = contours.get(index);
    int series = data.getSeriesCount();
    int pieces = contour.segments().size();
    // A number that is none interrupts the line between two pieces.
    double[][] places = new double[2][3 * pieces];
    for (int i = 0; i < pieces; i++) {
      double[] segment = contour.segments().get(i);
      places[0][3 * i] = segment[0];
      places[1][3 * i] = segment[1];
      places[0][3 * i + 1] = segment[2];
      places[1][3 * i + 1] = segment[3];
      places[0][3 * i + 2] = Double.NaN;
      places[1][3 * i + 2] = Double.NaN;
    }
    data.addSeries(contour.name(), places);
    int colour = index + classes.size();
    renderer.setSeriesShapesVisible(series, false);
    renderer.setSeriesLinesVisible(series, true);
    renderer.setSeriesPaint(series, Charts.color(colour));
    renderer.setSeriesStroke(series, Charts.line(index));
    legend.add(
        new LegendItem(
            contour.name(),
            null,
            null,
            null,
            new Line2D.Double(-9, 0, 9, 0),
            Charts.line(index),
            Charts.color(colour)));
  }

  private PaintScale scale() {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] row : values) {
      for (double value : row) {
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    return low <= high ? Charts.scale(low, high) : Charts.scale(0, 1);
  }

  /** One pixel a cell; the top row has the largest y. */
  private BufferedImage image(@Nullable PaintScale scale) {
    int width = x.values().length;
    int height = y.values().length;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        double value = values[row][column];
        Color color =
            scale == null
                ? Charts.pale((int) value)
                : Double.isNaN(value) ? Color.LIGHT_GRAY : (Color) scale.getPaint(value);
        image.setRGB(column, height - 1 - row, color.getRGB());
      }
    }
    return image;
  }
}
