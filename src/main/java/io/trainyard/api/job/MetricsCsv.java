package io.trainyard.api.job;

import io.trainyard.train.EpochRecord;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Epochs as CSV (RFC 4180), one line each. A value that an epoch lacks, or that could not be
 * computed, is an empty cell.
 */
final class MetricsCsv {
  static final String MEDIA_TYPE = "text/csv";

  private final Set<String> columns = new LinkedHashSet<>();

  /** Adds the columns of an epoch that others lack. */
  void addColumns(EpochRecord epoch) {
    columns.addAll(row(epoch).propertyNames());
  }

  void writeHead(PrintWriter out) {
    if (columns.isEmpty()) {
      columns.addAll(List.of("epoch", "phase", "loss", "learning_rate", "seconds"));
    }
    line(out, List.copyOf(columns));
  }

  void write(EpochRecord epoch, PrintWriter out) {
    ObjectNode row = row(epoch);
    line(out, columns.stream().map(column -> cell(row.path(column))).toList());
  }

  /** A layer's numbers are columns as {@code layers.dense_1.weight_norm}. */
  private static ObjectNode row(EpochRecord epoch) {
    ObjectNode row = epoch.toJson();
    row.remove("metric_notes");
    JsonNode layers = row.remove("layers");
    if (layers != null) {
      layers
          .properties()
          .forEach(
              layer ->
                  layer
                      .getValue()
                      .properties()
                      .forEach(
                          each ->
                              row.set(
                                  "layers." + layer.getKey() + "." + each.getKey(),
                                  each.getValue())));
    }
    return row;
  }

  private static String cell(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? "" : node.asString();
  }

  private static void line(PrintWriter csv, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      csv.append(i == 0 ? "" : ",").append(quoted(cells.get(i)));
    }
    csv.append("\r\n");
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
