package io.trainyard.api.job;

import io.trainyard.train.EpochRecord;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Epochs as CSV (RFC 4180), one line each. A value that an epoch lacks is an empty cell. */
final class MetricsCsv {
  private MetricsCsv() {}

  static String of(List<EpochRecord> epochs) {
    List<ObjectNode> rows = epochs.stream().map(JobJson::of).toList();
    Set<String> columns = new LinkedHashSet<>();
    rows.forEach(row -> columns.addAll(row.propertyNames()));
    if (columns.isEmpty()) {
      columns.addAll(List.of("epoch", "phase", "loss", "learning_rate", "seconds"));
    }
    StringBuilder csv = new StringBuilder();
    line(csv, columns.stream().toList());
    for (ObjectNode row : rows) {
      line(csv, columns.stream().map(column -> cell(row.path(column))).toList());
    }
    return csv.toString();
  }

  private static String cell(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? "" : node.asString();
  }

  private static void line(StringBuilder csv, List<String> cells) {
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
