package io.trainyard.inspect.plot;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYDataImageAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.PaintScale;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.DefaultXYZDataset;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A matrix of coloured cells, its first row at the top.
 *
 * @param columns their names
 * @param rows their names
 * @param values by row
 * @param meaning of the values
 * @param counts whether the values are whole
 */
@SuppressWarnings("ArrayRecordComponent")
public record MatrixPlot(
    String kind,
    String title,
    String xLabel,
    String yLabel,
    List<String> columns,
    List<String> rows,
    double[][] values,
    String meaning,
    boolean counts)
    implements Plot {
  /** Cells in which a number can be read. */
  private static final int MAX_TEXTS = 12;

  /** More cells are drawn as one image. */
  private static final int MAX_BLOCKS = 2500;

  private static final int LONGEST_NAME = 14;

  public MatrixPlot {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", kind).put("title", title).put("x_label", xLabel).put("y_label", yLabel);
    ArrayNode names = json.putArray("columns");
    columns.forEach(names::add);
    ArrayNode others = json.putArray("rows");
    rows.forEach(others::add);
    ArrayNode list = json.putArray("values");
    for (double[] row : values) {
      ArrayNode own = list.addArray();
      if (counts) {
        for (double count : row) {
          own.add((long) count);
        }
      } else {
        Plot.add(own, row);
      }
    }
    return json;
  }

  @Override
  public JFreeChart chart() {
    int width = columns.size();
    int cells = width * rows.size();
    double[][] data = new double[3][cells];
    double low = counts ? 0 : Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < cells; i++) {
      int row = i / width;
      double value = values[row][i % width];
      data[0][i] = i % width;
      data[1][i] = row;
      data[2][i] = value;
      low = Double.isFinite(value) ? Math.min(low, value) : low;
      high = Double.isFinite(value) ? Math.max(high, value) : high;
    }
    PaintScale scale = low <= high ? Charts.scale(low, high) : Charts.scale(0, 1);
    DefaultXYZDataset dataset = new DefaultXYZDataset();
    dataset.addSeries(meaning, data);
    XYItemRenderer renderer = cells <= MAX_BLOCKS ? blocks(scale) : image(scale);
    SymbolAxis y = axis(yLabel, rows);
    y.setInverted(true);
    XYPlot plot = new XYPlot(dataset, axis(xLabel, columns), y, renderer);
    if (width <= MAX_TEXTS && rows.size() <= MAX_TEXTS) {
      for (int i = 0; i < cells; i++) {
        plot.addAnnotation(text(data[0][i], data[1][i], data[2][i], low, high));
      }
    }
    JFreeChart chart = Charts.chart(title, plot);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinesVisible(false);
    Charts.addScale(chart, scale, meaning);
    return chart;
  }

  private static XYBlockRenderer blocks(PaintScale scale) {
    XYBlockRenderer renderer = new XYBlockRenderer();
    renderer.setPaintScale(scale);
    return renderer;
  }

  /** Many cells are one image, with a pixel for each: the rows run down, as the axis does. */
  private XYItemRenderer image(PaintScale scale) {
    int width = columns.size();
    int height = rows.size();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        image.setRGB(column, row, ((Color) scale.getPaint(values[row][column])).getRGB());
      }
    }
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, false);
    renderer.addAnnotation(
        new XYDataImageAnnotation(image, -0.5, -0.5, width, height, true), Layer.BACKGROUND);
    return renderer;
  }

  private XYTextAnnotation text(double x, double y, double value, double low, double high) {
    String number =
        counts ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.3g", value);
    XYTextAnnotation text = new XYTextAnnotation(number, x, y);
    text.setFont(Charts.tickFont());
    text.setPaint(value - low > (high - low) * 0.55 ? Color.BLACK : Color.WHITE);
    return text;
  }

  private static SymbolAxis axis(String label, List<String> names) {
    String[] symbols = names.stream().map(MatrixPlot::shorten).toArray(String[]::new);
    SymbolAxis axis = new SymbolAxis(label, symbols);
    axis.setGridBandsVisible(false);
    axis.setRange(-0.5, names.size() - 0.5);
    Charts.style(axis);
    return axis;
  }

  private static String shorten(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }
}
