package io.trainyard.inspect.plot;

import io.trainyard.json.StrictJson;
import org.jfree.chart.JFreeChart;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Numbers that can be drawn. The JSON has all that the chart shows, and nothing else. */
public sealed interface Plot permits LinePlot, MatrixPlot, GridPlot {
  /** The numbers. One that JSON lacks is a string. */
  ObjectNode toJson();

  /** A chart of the numbers. */
  JFreeChart chart();

  /** Adds numbers to a list. */
  static void add(ArrayNode list, double... numbers) {
    for (double number : numbers) {
      list.add(StrictJson.number(number));
    }
  }
}
