package io.trainyard.train.metric;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** A metric that is a mean over rows, positions or decisions. */
abstract class MeanMetric implements MetricPart {
  private final String name;
  double sum;

  /** The rows, positions or decisions. */
  double count;

  /**
   * @param name in a checkpoint
   */
  MeanMetric(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void clear() {
    sum = 0;
    count = 0;
  }

  @Override
  public double value(MetricSpec metric) {
    return sum / count;
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(sum, count);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    double[] sums = MetricPart.sums(stored, 2);
    sum = sums[0];
    count = sums[1];
  }
}
