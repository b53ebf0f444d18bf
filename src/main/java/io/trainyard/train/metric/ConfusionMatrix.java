package io.trainyard.train.metric;

import java.util.ArrayList;
import java.util.List;

/** Counts of rows: one list per true class, with a count per predicted class. */
public record ConfusionMatrix(List<List<Long>> counts) {
  public ConfusionMatrix {
    counts = counts.stream().map(List::copyOf).toList();
  }

  static ConfusionMatrix of(long[][] counts) {
    List<List<Long>> rows = new ArrayList<>();
    for (long[] row : counts) {
      List<Long> copy = new ArrayList<>();
      for (long count : row) {
        copy.add(count);
      }
      rows.add(copy);
    }
    return new ConfusionMatrix(rows);
  }

  /** The rows of a class. */
  public long support(int label) {
    return counts.get(label).stream().mapToLong(Long::longValue).sum();
  }

  /** The share of the rows predicted as a class that are of it; 0 when there are none. */
  public double precision(int label) {
    long predicted = counts.stream().mapToLong(row -> row.get(label)).sum();
    return predicted == 0 ? 0 : (double) hits(label) / predicted;
  }

  /** The share of the rows of a class that are predicted as it; 0 when there are none. */
  public double recall(int label) {
    long rows = support(label);
    return rows == 0 ? 0 : (double) hits(label) / rows;
  }

  /** The harmonic mean of precision and recall; 0 when both are. */
  public double f1(int label) {
    double sum = precision(label) + recall(label);
    return sum == 0 ? 0 : 2 * precision(label) * recall(label) / sum;
  }

  private long hits(int label) {
    return counts.get(label).get(label);
  }
}
