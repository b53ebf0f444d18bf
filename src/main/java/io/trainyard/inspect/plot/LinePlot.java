package io.trainyard.inspect.plot;

import java.awt.Color;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.DefaultXYDataset;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lines and points over two axes.
 *
 * @param wholeX whether x has whole numbers only
 */
public record LinePlot(
    String kind, String title, String xLabel, String yLabel, boolean wholeX, List<Series> series)
    implements Plot {
  public LinePlot {
    series = List.copyOf(series);
  }

  /** How a series is drawn. */
  public enum Style {
    LINE,
    POINTS,
    /** A thin line to compare with. */
    GUIDE
  }

  /** Some numbers with a name. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Series(String name, Style style, double[] x, double[] y) {}

  @Override
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", kind).put("title", title).put("x_label", xLabel).put("y_label", yLabel);
    ArrayNode list = json.putArray("series");
    for (Series each : series) {
      ObjectNode own = list.addObject();
      own.put("name", each.name()).put("style", each.style().name().toLowerCase(Locale.ROOT));
      Plot.add(own.putArray("x"), each.x());
      Plot.add(own.putArray("y"), each.y());
    }
    return json;
  }

  @Override
  public JFreeChart chart() {
    DefaultXYDataset data = new DefaultXYDataset();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer();
    renderer.setDrawSeriesLineAsPath(true);
    int colour = 0;
    for (int i = 0; i < series.size(); i++) {
      Series each = series.get(i);
      data.addSeries(each.name(), new double[][] {each.x(), each.y()});
      boolean guide = each.style() == Style.GUIDE;
      boolean points = each.style() == Style.POINTS;
      renderer.setSeriesPaint(i, guide ? Color.GRAY : Charts.color(colour));
      renderer.setSeriesStroke(i, guide ? Charts.thin() : Charts.line(colour));
      // A single value has no line.
      renderer.setSeriesShapesVisible(i, points || each.x().length == 1);
      renderer.setSeriesLinesVisible(i, !points);
      renderer.setSeriesShape(i, Charts.mark(colour));
      colour += guide ? 0 : 1;
    }
    NumberAxis x = Charts.axis(xLabel);
    if (wholeX) {
      x.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
    }
    return Charts.chart(title, new XYPlot(data, x, Charts.axis(yLabel), renderer));
  }
}
