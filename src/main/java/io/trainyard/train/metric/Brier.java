package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;

/**
 * brier, the squared error of the probabilities that are answered. Of two classes (p − y)² of the
 * second one; of more the sum over the classes.
 */
final class Brier extends MeanMetric {
  private final MeasuredOutput output;

  Brier(MeasuredOutput output) {
    super("brier");
    this.output = output;
  }

  @Override
  public void add(RowBlock block) {
    double[] probabilities = block.probabilities();
    double[] truths = block.truths();
    int elements = block.positions * block.width;
    double squares = 0;
    for (int i = 0; i < elements; i++) {
      double p = probabilities[i];
      double truth = truths[i] >= 0.5 ? 1 : 0;
      squares += p >= 0 && p <= 1 ? (p - truth) * (p - truth) : Double.NaN;
    }
    // Both of two units have the same error.
    sum += !output.isSeparate() && block.width == 2 ? squares / 2 : squares;
    count += output.isSeparate() ? elements : block.positions;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return LogLoss.NO_PROBABILITY;
  }
}
