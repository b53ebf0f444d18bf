package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Levenberg–Marquardt: with e the errors of all rows and outputs and J their derivatives by the
 * weights, a step is w ← w − (JᵀJ + μ·I)⁻¹·Jᵀe. While it doesn't lower the loss, it is undone and μ
 * ← mu_inc·μ; when it does, μ ← mu_dec·μ. Training ends with the reason {@code mu_max} when μ grows
 * above mu_max. For the losses mse and sse, in float64, on all rows at once; J is computed a part
 * of the rows at a time, and JᵀJ has the square of the number of weights as elements. MATLAB's
 * defaults: at most 1000 epochs, goal 0, min_gradient 1e-7, and with validation rows max_fail 6.
 * Source: MATLAB's trainlm; Hagan and Menhaj 1994; Marquardt 1963.
 *
 * @param mu the first μ
 * @param decrease mu_dec
 * @param increase mu_inc
 * @param largest mu_max
 */
public record LevenbergMarquardt(double mu, double decrease, double increase, double largest)
    implements FullBatch {
  private static final double MIN_GRADIENT = 1e-7;

  /** Bytes. */
  private static final long PART = 32L << 20;

  public LevenbergMarquardt {
    Parameters.requireAbove("mu", mu);
    Parameters.requireFraction("mu_dec", decrease);
    if (!(increase > 1 && Double.isFinite(increase))) {
      throw new IllegalArgumentException("mu_inc must be above 1, was " + increase);
    }
    Parameters.requireAbove("mu_max", largest);
    if (!(mu <= largest)) {
      throw new IllegalArgumentException(
          "mu must be at most mu_max (%s), was %s".formatted(largest, mu));
    }
  }

  static @Nullable LevenbergMarquardt read(JsonObject method) {
    double mu = method.number("mu", 0.001);
    double decrease = method.number("mu_dec", 0.1);
    double increase = method.number("mu_inc", 10);
    double largest = method.number("mu_max", 1e10);
    return method.build(() -> new LevenbergMarquardt(mu, decrease, increase, largest));
  }

  @Override
  public String type() {
    return "levenberg_marquardt";
  }

  /** The rows of which J exists at a time: 32 MB of it, at least one row. */
  public static int rowsAtATime(long weights, int rows) {
    return Math.clamp(PART / (Math.max(1, weights) * Double.BYTES), 1, rows);
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofFullBatch(MIN_GRADIENT);
  }

  @Override
  public boolean squaresOnly() {
    return true;
  }

  /** The forward passes of a step: one for each μ from 1e-20 to mu_max at most. */
  @Override
  public int maxEvaluations() {
    return 3 + (int) (Math.log(largest / 1e-20) / Math.log(increase));
  }

  /** Jᵀe, the step, and the weights before it. */
  @Override
  public int stateTensors() {
    return 4;
  }

  /** JᵀJ, its sum with μ·I, and the factor of that. */
  @Override
  public int squareMatrices() {
    return 3;
  }
}
