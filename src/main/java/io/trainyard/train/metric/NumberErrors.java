package io.trainyard.train.metric;

import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** mse, rmse, mae and mape: means over all elements, in the target's units. */
final class NumberErrors implements MetricPart {
  /** Nothing is a percentage of less. */
  private static final double SMALLEST = 1e-7;

  private final MeasuredTarget target;
  private final boolean relative;
  private double[] units = {};
  private double[] offsets = {};
  private double elements;
  private double squares;
  private double absolutes;
  private double percents;

  NumberErrors(MeasuredTarget target) {
    this.target = target;
    relative =
        target.metrics().stream()
            .anyMatch(
                metric ->
                    metric instanceof MetricSpec.Standard standard
                        && standard.metric() == Metric.MAPE);
  }

  @Override
  public String name() {
    return "errors";
  }

  @Override
  public void clear() {
    elements = 0;
    squares = 0;
    absolutes = 0;
    percents = 0;
  }

  @Override
  public void add(RowBlock block) {
    double[] truths = block.truths();
    if (units.length != block.rowElements) {
      units = new double[block.rowElements];
      offsets = new double[block.rowElements];
      for (int i = 0; i < units.length; i++) {
        units[i] = target.unit(i);
        offsets[i] = target.offset(i);
      }
    }
    for (int row = 0; row < block.rows; row++) {
      addRow(block.outputs, truths, row * block.rowElements);
      if (relative) {
        addRelative(block.outputs, truths, row * block.rowElements);
      }
    }
    elements += (double) block.rows * block.rowElements;
  }

  /** Four sums at a time: one sum would wait for each addition. */
  private void addRow(double[] outputs, double[] truths, int from) {
    double squares0 = 0;
    double squares1 = 0;
    double absolutes0 = 0;
    double absolutes1 = 0;
    int even = units.length - units.length % 2;
    for (int i = 0; i < even; i += 2) {
      double error0 = (outputs[from + i] - truths[from + i]) * units[i];
      double error1 = (outputs[from + i + 1] - truths[from + i + 1]) * units[i + 1];
      squares0 += error0 * error0;
      squares1 += error1 * error1;
      absolutes0 += Math.abs(error0);
      absolutes1 += Math.abs(error1);
    }
    if (even < units.length) {
      double error = (outputs[from + even] - truths[from + even]) * units[even];
      squares0 += error * error;
      absolutes0 += Math.abs(error);
    }
    squares += squares0 + squares1;
    absolutes += absolutes0 + absolutes1;
  }

  private void addRelative(double[] outputs, double[] truths, int from) {
    double sum = 0;
    for (int i = 0; i < units.length; i++) {
      double truth = Math.abs(truths[from + i] * units[i] + offsets[i]);
      double error = Math.abs((outputs[from + i] - truths[from + i]) * units[i]);
      // A 0 that was scaled to 32 bits comes back as nearly 0.
      double smallest = Math.max(SMALLEST, Math.ulp(1f) * Math.abs(offsets[i]));
      sum += truth < smallest ? Double.NaN : error / truth;
    }
    percents += 100 * sum;
  }

  @Override
  public double value(MetricSpec metric) {
    return switch (((MetricSpec.Standard) metric).metric()) {
      case MSE -> squares / elements;
      case RMSE -> Math.sqrt(squares / elements);
      case MAE -> absolutes / elements;
      case MAPE -> percents / elements;
      default -> throw new IllegalArgumentException(metric.name());
    };
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return Double.isNaN(squares)
        ? MetricPart.super.whyUndefined(metric)
        : "Some true value is 0, of which no error is a percentage";
  }

  @Override
  public Map<String, HostTensor> state() {
    return MetricPart.state(elements, squares, absolutes, percents);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    double[] sums = MetricPart.sums(stored, 4);
    elements = sums[0];
    squares = sums[1];
    absolutes = sums[2];
    percents = sums[3];
  }
}
