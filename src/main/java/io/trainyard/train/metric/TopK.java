package io.trainyard.train.metric;

/** top_k_accuracy. */
final class TopK extends MeanMetric {
  private final int k;

  TopK(String name, int k) {
    super("top/" + name);
    this.k = k;
  }

  @Override
  public void add(RowBlock block) {
    for (int i = 0; i < block.positions; i++) {
      sum += rank(block, i) < k ? 1 : 0;
    }
    count += block.positions;
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
}
