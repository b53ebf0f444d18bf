package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/**
 * brier, the squared error of the probabilities that are answered. Of two classes (p − y)² of the
 * second one; of more the sum over the classes.
 */
final class Brier implements MetricPart {
  private final MeasuredOutput output;
  private double sum;
  private double decisions;

  Brier(MeasuredOutput output) {
    this.output = output;
  }

  @Override
  public String name() {
    return "brier";
  }

  @Override
  public void clear() {
    sum = 0;
    decisions = 0;
  }

  @Override
  public void add(RowBlock block) {
    double[] probabilities = block.probabilities();
    double[] truths = block.truths();
    int count = block.positions * block.width;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double p = probabilities[i];
      double truth = truths[i] >= 0.5 ? 1 : 0;
      squares += p >= 0 && p <= 1 ? (p - truth) * (p - truth) : Double.NaN;
    }
    // Both of two units have the same error.
    sum += !output.isSeparate() && block.width == 2 ? squares / 2 : squares;
    decisions += output.isSeparate() ? count : block.positions;
  }

  @Override
  public double value(MetricSpec metric) {
    return sum / decisions;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return LogLoss.NO_PROBABILITY;
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
