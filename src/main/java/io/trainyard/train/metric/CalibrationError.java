package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** ece, from the bins of the likeliest class. */
final class CalibrationError implements MetricPart {
  private final ReliabilityBins bins;

  CalibrationError(MeasuredOutput output) {
    bins = new ReliabilityBins(output);
  }

  @Override
  public String name() {
    return "reliability";
  }

  @Override
  public void clear() {
    bins.clear();
  }

  @Override
  public void add(RowBlock block) {
    bins.add(block);
  }

  @Override
  public double value(MetricSpec metric) {
    return bins.error();
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return LogLoss.NO_PROBABILITY;
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(bins.sums());
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    bins.restore(MetricPart.sums(stored, ReliabilityBins.SUMS));
  }
}
