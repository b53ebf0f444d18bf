package io.trainyard.train;

import io.trainyard.engine.survival.SurvivalRows;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.metric.MeasuredTarget;

/**
 * The loss of each row by the type of its target: the cross-entropy of a class, the mean squared
 * error of numbers in scaled units. A version need not have a training whose loss could be used.
 */
final class RowLosses {
  /** The least probability, as scikit-learn's log_loss for 32-bit numbers. */
  private static final double LEAST = 1.2e-7;

  private final MeasuredOutput output;

  /** Rows that are compared with one another. */
  private final SurvivalRows survival = new SurvivalRows();

  RowLosses(MeasuredTarget target) {
    output = target.output();
  }

  /** Adds each row's loss to what is there. */
  void addTo(double[] losses, HostTensor outputs, HostTensor targets) {
    if (output.isSurvival()) {
      survival.add(outputs, targets);
      return;
    }
    int rows = outputs.shape().axis(0);
    int elements = Math.toIntExact(outputs.shape().elements() / rows);
    int width = output.width();
    boolean labelled =
        width > 1
            && targets.type() == ElementType.INT64
            && targets.shape().elements() == outputs.shape().elements() / width;
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int from = 0; from < elements; from += width) {
        long first = (long) row * elements + from;
        sum +=
            labelled
                ? crossEntropy(outputs, first, targets.longAt(first / width))
                : of(outputs, targets, first);
      }
      losses[row] += sum / (labelled ? elements / width : elements);
    }
  }

  /** The loss of all rows together, where they are compared with one another; else 0. */
  double together() {
    return output.isSurvival() ? survival.likelihood().loss() : 0;
  }

  private double crossEntropy(HostTensor outputs, long from, long label) {
    if (output.scores() != Scores.LOGIT) {
      return -Math.log(Math.max(LEAST, outputs.doubleAt(from + label)));
    }
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < output.width(); i++) {
      most = Math.max(most, outputs.doubleAt(from + i));
    }
    double sum = 0;
    for (int i = 0; i < output.width(); i++) {
      sum += Math.exp(outputs.doubleAt(from + i) - most);
    }
    return Math.log(sum) + most - outputs.doubleAt(from + label);
  }

  private double of(HostTensor outputs, HostTensor targets, long from) {
    double sum = 0;
    for (int i = 0; i < output.width(); i++) {
      double predicted = outputs.doubleAt(from + i);
      double truth = targets.doubleAt(from + i);
      sum +=
          output.classes() ? binary(predicted, truth) : (predicted - truth) * (predicted - truth);
    }
    return sum;
  }

  private double binary(double unit, double truth) {
    double yes = output.scores().answer(unit);
    double right = truth >= 0.5 ? yes : 1 - yes;
    return -Math.log(Math.max(LEAST, right));
  }
}
