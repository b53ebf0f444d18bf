package io.trainyard.predict.dense;

import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;

/**
 * The activations in plain Java, each within 1e-6 of libtorch's relative to the larger of 1 and the
 * value. Exponentials are computed as doubles and rounded once.
 */
final class PlainActivations {
  private static final double SELU_SCALE = 1.0507009873554805;
  private static final double SELU_ALPHA = 1.6732632423543772;

  /** Above it, softplus is x, as in torch.nn.functional.softplus. */
  private static final double SOFTPLUS_LINEAR = 20;

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
          values[i] = (float) of(activation, values[i]);
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

  private static double of(ActivationSpec activation, double x) {
    return switch (activation.function()) {
      case LINEAR -> x;
      case STEP -> x >= 0 ? 1 : 0;
      case HARDLIMS -> x >= 0 ? 1 : -1;
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(x, 0);
      case RELU6 -> clip(x, 0, 6);
      case LEAKY_RELU -> x >= 0 ? x : activation.alpha() * x;
      case ELU -> x >= 0 ? x : activation.alpha() * Math.expm1(x);
      case SELU -> SELU_SCALE * (x >= 0 ? x : SELU_ALPHA * Math.expm1(x));
      case GELU -> x * complementaryError(-x / Math.sqrt(2)) / 2;
      case SILU -> x * sigmoid(x);
      case MISH -> x * Math.tanh(softplus(x));
      case SOFTPLUS -> softplus(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case HARD_SIGMOID -> clip(x + 3, 0, 6) / 6;
      case HARD_TANH, SATLINS -> clip(x, -1, 1);
      case SATLIN -> clip(x, 0, 1);
      case RADBAS -> Math.exp(-x * x);
      case EXPONENTIAL -> Math.exp(x);
      case SOFTMAX, LOG_SOFTMAX ->
          throw new IllegalArgumentException("it depends on all elements of a row");
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return x > SOFTPLUS_LINEAR ? x : Math.log1p(Math.exp(x));
  }

  /** NaN stays NaN. */
  private static double clip(double x, double least, double most) {
    return Math.min(Math.max(x, least), most);
  }

  /**
   * erfc(x) with a relative error below 1.2e-7. Source: W. Press et al., "Numerical Recipes"
   * (1992), 6.2.
   */
  private static double complementaryError(double x) {
    double z = Math.abs(x);
    double t = 1 / (1 + z / 2);
    double polynomial =
        -1.26551223
            + t
                * (1.00002368
                    + t
                        * (0.37409196
                            + t
                                * (0.09678418
                                    + t
                                        * (-0.18628806
                                            + t
                                                * (0.27886807
                                                    + t
                                                        * (-1.13520398
                                                            + t
                                                                * (1.48851587
                                                                    + t
                                                                        * (-0.82215223
                                                                            + t
                                                                                * 0.17087277))))))));
    double tail = t * Math.exp(-z * z + polynomial);
    return x >= 0 ? tail : 2 - tail;
  }
}
