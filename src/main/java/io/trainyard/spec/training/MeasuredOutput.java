package io.trainyard.spec.training;

import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.Shape;

/**
 * An output with what a metric must know about it.
 *
 * @param classes whether the target's values are labels
 * @param row the shape of a row of predictions: of gaussian_nll's, the means
 * @param asksEach whether each output is a question by itself
 */
public record MeasuredOutput(
    LossSpec loss, boolean classes, Shape row, Scores scores, boolean asksEach) {

  /**
   * An output, its loss and its target.
   *
   * @param activation that the output ends in
   */
  public static MeasuredOutput of(LossSpec loss, boolean classes, Shape row, Function activation) {
    boolean halved = loss instanceof NumberLoss.GaussianNll && row.last() % 2 == 0;
    return new MeasuredOutput(
        loss,
        classes,
        halved ? row.withLast(row.last() / 2) : row,
        Scores.of(loss, classes, activation),
        !classes && loss.asksEachOutput(activation));
  }

  /** Whether it is a log risk, whose target is a time and an event. */
  public boolean isSurvival() {
    return loss instanceof NumberLoss.Cox;
  }

  /** The outputs that decide together: the last axis. */
  public int width() {
    return row.rank() == 0 ? 1 : row.last();
  }

  /** Whether each output is a decision by itself. */
  public boolean isSeparate() {
    return width() == 1 || asksEach;
  }

  /** Whether there are several labels, and a row may have any number of them. */
  public boolean hasSeparateLabels() {
    return isSeparate() && width() > 1;
  }

  /** Whether it can be calibrated: it says the probability of a class. */
  public boolean mayBeCalibrated() {
    return classes && (scores == Scores.LOGIT || scores == Scores.PROBABILITY);
  }

  /** The same, where its probabilities were made from what it says. */
  public MeasuredOutput ofProbabilities() {
    return new MeasuredOutput(loss, classes, row, Scores.PROBABILITY, asksEach);
  }

  /** Whether a number may have an interval, or a class a set. */
  public boolean mayHaveIntervals() {
    return classes ? mayBeCalibrated() : !decides() && !isSurvival();
  }

  /** Whether an output says yes or no, or one class of several. */
  public boolean decides() {
    return classes || !loss.isRegression();
  }
}
