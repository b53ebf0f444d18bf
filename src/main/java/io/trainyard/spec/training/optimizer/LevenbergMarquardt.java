package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Levenberg–Marquardt: with e the errors of all rows and outputs and J their derivatives by the
 * weights, a step is w ← w − (JᵀJ + μ·I)⁻¹·Jᵀe, with the μ at which it lowers the loss. For the
 * losses mse and sse, in float64, on all rows at once; J is computed a part of the rows at a time,
 * and JᵀJ has the square of the number of weights as elements. An epoch reports {@code mu} as it is
 * after its step. MATLAB's defaults: mu 0.001, at most 1000 epochs, goal 0, min_gradient 1e-7, and
 * with validation rows max_fail 6. Source: MATLAB's trainlm; Hagan and Menhaj 1994; Marquardt 1963.
 */
public record LevenbergMarquardt(Damping damping) implements FullBatch {
  static final double MIN_GRADIENT = 1e-7;

  /** Bytes. */
  private static final long PART = 32L << 20;

  static @Nullable LevenbergMarquardt read(JsonObject method) {
    Damping damping = Damping.read(method, 0.001);
    return damping == null ? null : new LevenbergMarquardt(damping);
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

  @Override
  public List<String> reported() {
    return List.of("mu");
  }

  @Override
  public int maxEvaluations() {
    return damping.maxEvaluations();
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

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "levenberg_marquardt",
            "Gauss–Newton steps, shortened by μ. For mse and sse, on all rows in float64.")
        .formula("w ← w − (JᵀJ + μ·I)⁻¹·Jᵀe")
        .aliases("trainlm")
        .names(null, null, "trainlm")
        .source("Hagan and Menhaj 1994; MATLAB's trainlm")
        .members(method -> Damping.describe(method, 0.001))
        .example("mu", 0.001);
  }
}
