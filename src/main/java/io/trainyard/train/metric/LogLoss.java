package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** log_loss, of the probabilities that are answered. */
final class LogLoss implements MetricPart {
  /** As scikit-learn clips 64-bit floats. */
  private static final double EPSILON = Math.ulp(1.0);

  /** Why it is null. */
  static final String NO_PROBABILITY = "Some output lies outside 0 to 1, so it is no probability";

  private final MeasuredOutput output;
  private double sum;
  private double decisions;

  LogLoss(MeasuredOutput output) {
    this.output = output;
  }

  @Override
  public String name() {
    return "log_loss";
  }

  @Override
  public void clear() {
    sum = 0;
    decisions = 0;
  }

  @Override
  public void add(RowBlock block) {
    double[] probabilities = block.probabilities();
    if (!output.isSeparate()) {
      for (int i = 0; i < block.positions; i++) {
        sum += ofClass(probabilities, i * block.width, block.label(i));
      }
      decisions += block.positions;
      return;
    }
    double[] truths = block.truths();
    int count = block.positions * block.width;
    for (int i = 0; i < count; i++) {
      double yes = clipped(probabilities[i]);
      sum -= Math.log(truths[i] >= 0.5 ? yes : 1 - yes);
    }
    decisions += count;
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
  public double value(MetricSpec metric) {
    return sum / decisions;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return NO_PROBABILITY;
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(sum, decisions);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    double[] sums = MetricPart.sums(stored, 2);
    sum = sums[0];
    decisions = sums[1];
  }
}
