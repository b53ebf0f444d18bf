package io.trainyard.train.metric;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** top_k_accuracy. */
final class TopK implements MetricPart {
  private final String name;
  private final int k;
  private double hits;
  private double positions;

  TopK(String name, int k) {
    this.name = name;
    this.k = k;
  }

  @Override
  public String name() {
    return "top/" + name;
  }

  @Override
  public void clear() {
    hits = 0;
    positions = 0;
  }

  @Override
  public void add(RowBlock block) {
    for (int i = 0; i < block.positions; i++) {
      hits += rank(block, i) < k ? 1 : 0;
    }
    positions += block.positions;
  }

  /** How many classes come before the true one. */
  private static int rank(RowBlock block, int position) {
    int from = position * block.width;
    int label = block.label(position);
    double own = block.outputs[from + label];
    int before = 0;
    for (int i = 0; i < block.width; i++) {
      double other = block.outputs[from + i];
      before += other > own || (other == own && i > label) ? 1 : 0;
    }
    return before;
  }

  @Override
  public double value(MetricSpec metric) {
    return hits / positions;
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(hits, positions);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    double[] sums = MetricPart.sums(stored, 2);
    hits = sums[0];
    positions = sums[1];
  }
}
