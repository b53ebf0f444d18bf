package io.trainyard.train.metric;

import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Counts of rows: one list per true class, with a count per predicted class. */
public record ConfusionMatrix(List<List<Long>> counts) {
  public ConfusionMatrix {
    counts = counts.stream().map(List::copyOf).toList();
  }

  static ConfusionMatrix of(long[][] counts) {
    return new ConfusionMatrix(
        Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /** Counts by true class, then by predicted class. */
  public ArrayNode toJson() {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (List<Long> row : counts) {
      ArrayNode cells = rows.addArray();
      row.forEach(cells::add);
    }
    return rows;
  }

  /** The rows of a class. */
  public long support(int label) {
    return counts.get(label).stream().mapToLong(Long::longValue).sum();
  }

  /** The share of the rows predicted as a class that are of it; NaN when there are none. */
  public double precision(int label) {
    return (double) hits(label) / predicted(label);
  }

  /** The share of the rows of a class that are predicted as it; NaN when there are none. */
  public double recall(int label) {
    return (double) hits(label) / support(label);
  }

  /** 2·hits / (predicted + rows) of a class; NaN when there are neither. */
  public double f1(int label) {
    return 2.0 * hits(label) / (predicted(label) + support(label));
  }

  private long predicted(int label) {
    return counts.stream().mapToLong(row -> row.get(label)).sum();
  }

  private long hits(int label) {
    return counts.get(label).get(label);
  }
}
