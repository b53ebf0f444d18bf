package io.trainyard.spec.training;

import io.trainyard.spec.layer.ActivationSpec.Function;

/**
 * What the numbers of an output mean. Training, evaluation and prediction all ask here, so that a
 * metric sees what is answered.
 */
public enum Scores {
  /** Numbers; of a class, they are answered as they are. */
  NUMBER,
  /** Probabilities, which are answered as they are. */
  PROBABILITY,
  /**
   * What a softmax makes probabilities of the classes; a sigmoid, where an output decides alone.
   */
  LOGIT,
  /** The signed distance from a boundary, which says nothing about probabilities. */
  MARGIN;

  /**
   * The meaning of an output.
   *
   * @param classes whether the target's values are labels
   * @param last the activation that the output ends in
   */
  public static Scores of(LossSpec loss, boolean classes, Function last) {
    boolean shown = last == Function.SIGMOID || last == Function.SOFTMAX;
    return switch (loss) {
      case ClassLoss.Hinge _, ClassLoss.SquaredHinge _ -> MARGIN;
      case ClassLoss.Nll _ -> LOGIT;
      case ClassLoss.KlDivergence divergence ->
          divergence.fromLogits() || last == Function.LOG_SOFTMAX ? LOGIT : PROBABILITY;
      case ClassLoss.BinaryCrossentropy _, ClassLoss.CategoricalCrossentropy _, ClassLoss.Focal _ ->
          loss.fromLogits() ? LOGIT : PROBABILITY;
      case ExpressionLoss expression ->
          expression.fromLogits(last) ? LOGIT : classes || shown ? PROBABILITY : NUMBER;
      case NumberLoss _ -> shown ? PROBABILITY : NUMBER;
    };
  }

  /** Whether a class is answered with probabilities. */
  public boolean hasProbabilities() {
    return this != MARGIN;
  }

  /** From where on a single output means yes, the second class. */
  public double threshold() {
    return this == MARGIN ? 0 : 0.5;
  }

  /** A single output as it is answered for a class. */
  public float answer(double output) {
    return (float) (this == LOGIT ? 1 / (1 + Math.exp(-output)) : output);
  }

  /** Whether a single output means yes. */
  public boolean isYes(double output) {
    return answer(output) >= threshold();
  }

  /** Makes several outputs that decide together what is answered for a class, in place. */
  public void answer(float[] outputs, int width) {
    if (this == LOGIT) {
      softmax(outputs, width);
    }
  }

  /** Subtracting the largest logit avoids overflow. */
  private static void softmax(float[] logits, int width) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += Math.exp(logits[i] - largest);
    }
    for (int i = 0; i < width; i++) {
      logits[i] = (float) (Math.exp(logits[i] - largest) / sum);
    }
  }
}
