package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bayesian regularization: minimizes β·Σe² + α·Σw² over the errors e of all rows and outputs and
 * the weights w, and finds α and β itself. With J the derivatives of e by w, a step is w ← w −
 * (β·JᵀJ + (μ + α)·I)⁻¹·(β·Jᵀe + α·w), with the μ at which it lowers that sum. Before each step, at
 * its JᵀJ: γ = k − α·trace((β·JᵀJ + α·I)⁻¹), the number of the k weights that the rows determine; α
 * = γ/(2Σw²), β = (n − γ)/(2Σe²) for n errors. Before the first step γ = k; α is 1 where Σw² is 0,
 * β where it would not be positive. An epoch reports, beside its loss, what its step was made with:
 * γ as {@code effective_parameters}, {@code alpha} and {@code beta}; min_gradient is compared with
 * the gradient of the loss alone. For the losses mse and sse, as {@link LevenbergMarquardt}.
 * MATLAB's defaults: mu 0.005, at most 1000 epochs, goal 0, min_gradient 1e-7, no max_fail. Source:
 * MATLAB's trainbr; MacKay 1992; Foresee and Hagan 1997, "Gauss-Newton approximation to Bayesian
 * learning".
 */
public record BayesianRegularization(Damping damping) implements FullBatch {
  static @Nullable BayesianRegularization read(JsonObject method) {
    Damping damping = Damping.read(method, 0.005);
    return damping == null ? null : new BayesianRegularization(damping);
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofFullBatch(LevenbergMarquardt.MIN_GRADIENT).withoutMaxFail();
  }

  @Override
  public boolean squaresOnly() {
    return true;
  }

  @Override
  public List<String> reported() {
    return List.of("effective_parameters", "alpha", "beta");
  }

  @Override
  public int maxEvaluations() {
    return damping.maxEvaluations();
  }

  /** Jᵀe and its sum with α·w, the step, and the weights before it. */
  @Override
  public int stateTensors() {
    return 5;
  }

  /** JᵀJ, its sum with a multiple of I, the factor and the inverse of that. */
  @Override
  public int squareMatrices() {
    return 4;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "bayesian_regularization",
            "Levenberg–Marquardt that finds its own weight penalty. For mse and sse, on all rows in"
                + " float64.")
        .formula("w ← w − (β·JᵀJ + (μ + α)·I)⁻¹·(β·Jᵀe + α·w)")
        .aliases("trainbr")
        .names(null, null, "trainbr")
        .source("MacKay 1992; Foresee and Hagan 1997; MATLAB's trainbr")
        .members(method -> Damping.describe(method, 0.005))
        .example("mu", 0.005);
  }
}
