package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;

/** log_loss, of the probabilities that are answered. */
final class LogLoss extends MeanMetric {
  /** As scikit-learn clips 64-bit floats. */
  private static final double EPSILON = Math.ulp(1.0);

  /** Why it is null. */
  static final String NO_PROBABILITY = "Some output lies outside 0 to 1, so it is no probability";

  private final MeasuredOutput output;

  LogLoss(MeasuredOutput output) {
    super("log_loss");
    this.output = output;
  }

  @Override
  public void add(RowBlock block) {
    double[] probabilities = block.probabilities();
    if (!output.isSeparate()) {
      for (int i = 0; i < block.positions; i++) {
        sum += ofClass(probabilities, i * block.width, block.label(i));
      }
      count += block.positions;
      return;
    }
    double[] truths = block.truths();
    int elements = block.positions * block.width;
    for (int i = 0; i < elements; i++) {
      double yes = clipped(probabilities[i]);
      sum -= Math.log(truths[i] >= 0.5 ? yes : 1 - yes);
    }
    count += elements;
  }

  private double ofClass(double[] probabilities, int from, int label) {
    double all = 0;
    for (int i = from; i < from + output.width(); i++) {
      all += clipped(probabilities[i]);
    }
    return -Math.log(clipped(probabilities[from + label]) / all);
  }

  /** A value outside 0 to 1 is no probability: there is no log_loss of it. */
  private static double clipped(double probability) {
    return probability >= 0 && probability <= 1
        ? Math.clamp(probability, EPSILON, 1 - EPSILON)
        : Double.NaN;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return NO_PROBABILITY;
  }
}
