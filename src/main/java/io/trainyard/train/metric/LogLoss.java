package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MeasuredOutput.Scores;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;

/** log_loss. */
final class LogLoss implements MetricPart {
  /** As scikit-learn clips 32-bit floats. */
  private static final double EPSILON = Math.ulp(1.0f);

  private final MeasuredOutput output;
  private final boolean logits;
  private double sum;
  private double decisions;

  LogLoss(MeasuredOutput output) {
    this.output = output;
    logits = output.scores() == Scores.LOGIT;
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
    if (!output.isSeparate()) {
      for (int i = 0; i < block.positions; i++) {
        sum += ofClass(block, i);
      }
      decisions += block.positions;
      return;
    }
    double[] truths = block.truths();
    int count = block.positions * block.width;
    for (int i = 0; i < count; i++) {
      sum += ofUnit(block.outputs[i], truths[i] >= 0.5);
    }
    decisions += count;
  }

  private double ofUnit(double unit, boolean truth) {
    if (!logits) {
      return -Math.log(clipped(truth ? unit : 1 - unit));
    }
    double margin = truth ? unit : -unit;
    return Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
  }

  private double ofClass(RowBlock block, int position) {
    int from = position * block.width;
    double own = block.outputs[from + block.label(position)];
    if (!logits) {
      return -Math.log(clipped(own));
    }
    double most = block.outputs[from + block.decision(position)];
    double exponentials = 0;
    for (int i = from; i < from + block.width; i++) {
      exponentials += Math.exp(block.outputs[i] - most);
    }
    return Math.log(exponentials) + most - own;
  }

  private static double clipped(double probability) {
    return Math.clamp(probability, EPSILON, 1 - EPSILON);
  }

  @Override
  public double value(MetricSpec metric) {
    return sum / decisions;
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
