package io.trainyard.api.job;

import io.trainyard.train.EpochRecord;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Epochs as CSV (RFC 4180), one line each. A value that an epoch lacks is an empty cell. */
final class MetricsCsv {
  static final String MEDIA_TYPE = "text/csv";

  private final Set<String> columns = new LinkedHashSet<>();

  /** Adds the columns of an epoch that others lack. */
  void addColumns(EpochRecord epoch) {
    columns.addAll(JobJson.of(epoch).propertyNames());
  }

  void writeHead(PrintWriter out) {
    if (columns.isEmpty()) {
      columns.addAll(List.of("epoch", "phase", "loss", "learning_rate", "seconds"));
    }
    line(out, List.copyOf(columns));
  }

  void write(EpochRecord epoch, PrintWriter out) {
    ObjectNode row = JobJson.of(epoch);
    line(out, columns.stream().map(column -> cell(row.path(column))).toList());
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
