package io.trainyard.spec;

import io.trainyard.spec.Summary.LayerSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A summary as a table for monospaced text, like that of Keras. */
final class SummaryTable {
  private static final List<String> HEAD =
      List.of("Layer (type)", "Inputs", "Output shape", "Parameters", "Multiply-adds", "Formula");

  /** Columns of numbers, which are aligned right. */
  private static final List<Integer> NUMBERS = List.of(3, 4);

  private SummaryTable() {}

  static String of(Summary summary) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    summary.layers().forEach(layer -> rows.add(row(layer)));
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      table.append(line(rows.get(i), widths)).append('\n');
      if (i == 0) {
        int dashes = HEAD.size() * 2 - 2;
        for (int width : widths) {
          dashes += width;
        }
        table.append("=".repeat(dashes)).append('\n');
      }
    }
    return table
        .append('\n')
        .append("Total parameters: " + grouped(summary.parameters()) + '\n')
        .append("Trainable parameters: " + grouped(summary.trainableParameters()) + '\n')
        .append(
            "Non-trainable parameters: "
                + grouped(summary.parameters() - summary.trainableParameters())
                + '\n')
        .append("Multiply-adds per row: " + grouped(summary.multiplyAdds()) + '\n')
        .append("Bytes of weights: " + grouped(summary.bytes()) + '\n')
        .append(
            "Bytes to train on batches of %d: %s\n"
                .formatted(summary.trainingBatch(), grouped(summary.trainingBytes())))
        .toString();
  }

  private static List<String> row(LayerSummary layer) {
    String frozen = layer.trainable() || layer.parameters() == 0 ? "" : ", frozen";
    return List.of(
        layer.name() + " (" + layer.type() + frozen + ")",
        String.join(", ", layer.inputs()),
        layer.outputShape().stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "[", "]")),
        grouped(layer.parameters()),
        grouped(layer.multiplyAdds()),
        layer.formula());
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String padding = " ".repeat(widths[column] - cells.get(column).length());
      boolean number = NUMBERS.contains(column);
      line.append(number ? padding + cells.get(column) : cells.get(column) + padding).append("  ");
    }
    return line.toString().stripTrailing();
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
