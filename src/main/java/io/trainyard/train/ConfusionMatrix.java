package io.trainyard.train;

import java.util.List;

/** Counts of rows by true class (outer list) and predicted class (inner list), in class order. */
public record ConfusionMatrix(List<List<Long>> counts) {
  public ConfusionMatrix {
    counts = counts.stream().map(List::copyOf).toList();
  }
}
