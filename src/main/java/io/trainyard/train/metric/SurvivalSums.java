package io.trainyard.train.metric;

import io.trainyard.engine.survival.SurvivalRows;

/** The rows of a survival target, whose losses need all of them. */
final class SurvivalSums implements TargetSums {
  private final SurvivalRows rows = new SurvivalRows();

  @Override
  public void add(RowBlock block, int firstRow) {
    double[] targets = block.truths();
    for (int i = 0; i < block.rows; i++) {
      rows.add(block.outputs[i], targets[2 * i], targets[2 * i + 1]);
    }
  }

  /** The rows with the largest losses: their mean over the rows with events is the loss. */
  WorstRows worst() {
    WorstRows worst = new WorstRows();
    for (double loss : rows.likelihood().rows()) {
      worst.add(loss);
    }
    return worst;
  }
}
