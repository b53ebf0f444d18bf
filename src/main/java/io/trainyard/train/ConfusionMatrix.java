package io.trainyard.train;

import java.util.List;

/** Counts of rows: one list per true class, with a count per predicted class. */
public record ConfusionMatrix(List<List<Long>> counts) {
  public ConfusionMatrix {
    counts = counts.stream().map(List::copyOf).toList();
  }
}
