package io.trainyard.predict.dense;

import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;

/**
 * The activations in plain Java, each within 1e-6 of libtorch's relative to the larger of 1 and the
 * value. Exponentials are computed as doubles and rounded once.
 */
final class PlainActivations {
  private PlainActivations() {}

  /** Applies an activation to the first values, in place. */
  static void apply(ActivationSpec activation, float[] values, int count) {
    switch (activation.function()) {
      case LINEAR -> {}
      case RELU -> {
        for (int i = 0; i < count; i++) {
          // Not Math.max(0, x) alone: -0 becomes 0 there, and NaN stays NaN in both.
          values[i] = Math.max(values[i], 0f);
        }
      }
      case SOFTMAX -> softmax(values, count, false);
      case LOG_SOFTMAX -> softmax(values, count, true);
      default -> {
        for (int i = 0; i < count; i++) {
          values[i] = (float) activation.at(values[i]);
        }
      }
    }
  }

  /**
   * Applies an activation in place.
   *
   * @param values [features, rows]
   */
  static void apply(ActivationSpec activation, float[][] values, int features, int rows) {
    if (activation.function() != Function.SOFTMAX
        && activation.function() != Function.LOG_SOFTMAX) {
      for (int i = 0; i < features; i++) {
        apply(activation, values[i], rows);
      }
      return;
    }
    float[] row = new float[features];
    for (int at = 0; at < rows; at++) {
      for (int i = 0; i < features; i++) {
        row[i] = values[i][at];
      }
      softmax(row, features, activation.function() == Function.LOG_SOFTMAX);
      for (int i = 0; i < features; i++) {
        values[i][at] = row[i];
      }
    }
  }

  private static void softmax(float[] x, int count, boolean logarithm) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, x[i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp((double) x[i] - largest);
    }
    double logOfSum = Math.log(sum);
    for (int i = 0; i < count; i++) {
      double difference = (double) x[i] - largest;
      x[i] = (float) (logarithm ? difference - logOfSum : Math.exp(difference) / sum);
    }
  }
}
