package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * BFGS: w ← w − α·H·g, where H approximates the inverse Hessian, and a line search finds α: it
 * meets the strong Wolfe conditions with 1e-4 and 0.9. With s the last change of the weights, y
 * that of the gradient and ρ = 1/(yᵀs), H ← (I − ρ·s·yᵀ)·H·(I − ρ·y·sᵀ) + ρ·s·sᵀ wherever yᵀs is
 * positive. H is I at first, and (yᵀs/yᵀy)·I before its first change; it has the square of the
 * number of weights as elements, so lbfgs suits larger networks. The search starts at α = 1, along
 * −g at min(1, 1/Σ|g|). It computes loss and gradient at most 26 times. Where it finds no lower
 * loss, H is I again; where it finds none along −g, training ends with the reason {@code
 * min_gradient}. MATLAB's defaults: at most 1000 epochs, goal 0, min_gradient 1e-6, and with
 * validation rows max_fail 6. Source: MATLAB's trainbfg, which searches by srchbac; Nocedal and
 * Wright, Numerical Optimization, algorithm 6.1 and equation 6.20.
 */
public record Bfgs() implements FullBatch {
  private static final double MIN_GRADIENT = 1e-6;

  static @Nullable Bfgs read(JsonObject method) {
    return method.build(Bfgs::new);
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofFullBatch(MIN_GRADIENT);
  }

  @Override
  public int maxEvaluations() {
    return LINE_SEARCH_EVALUATIONS;
  }

  /** Weights and gradient before, their changes; the line search's weights and gradients. */
  @Override
  public int stateTensors() {
    return 12;
  }

  /** H, and its copy in a checkpoint. */
  @Override
  public int squareMatrices() {
    return 2;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "bfgs",
            "Steps along an approximate inverse Hessian with a line search, on all rows in"
                + " float64.")
        .formula("w ← w − α·H·g")
        .aliases("trainbfg")
        .names(null, null, "trainbfg")
        .source("MATLAB's trainbfg; Nocedal and Wright, algorithm 6.1");
  }
}
