package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * Scaled conjugate gradient, which needs no line search. With d the direction, at first −g, and L
 * the loss of all rows, one more gradient gives the curvature δ = dᵀ(g(w + s·d) − g(w))/s + λ·|d|²
 * at s = sigma/|d|. Where δ ≤ 0, λ grows until δ is positive. The step is tried with α = −gᵀd/δ and
 * judged by Δ = 2δ·(L(w) − L(w + α·d))/(gᵀd)². If Δ ≥ 0, w ← w + α·d and d ← β·d − g with β = (|g|²
 * − gᵀg_before)/(−g_beforeᵀd), or d ← −g at each n-th step of n weights; else the step is undone. λ
 * ← λ/4 if Δ ≥ 0.75; λ ← λ + δ·(1 − Δ)/|d|² if Δ < 0.25. Training also ends with the reason {@code
 * min_gradient} when a step is too short to change a weight. MATLAB's defaults: at most 1000
 * epochs, goal 0, min_gradient 1e-6, and with validation rows max_fail 6. Source: Møller 1993, "A
 * scaled conjugate gradient algorithm for fast supervised learning"; MATLAB's trainscg.
 *
 * @param sigma the change of the weights by which the curvature is measured
 * @param lambda the first λ, which keeps δ positive
 */
public record ScaledConjugateGradient(double sigma, double lambda) implements FullBatch {
  private static final double MIN_GRADIENT = 1e-6;

  public ScaledConjugateGradient {
    Parameters.requireAbove("sigma", sigma);
    Parameters.requireNonNegative("lambda", lambda);
  }

  static @Nullable ScaledConjugateGradient read(JsonObject method) {
    double sigma = method.number("sigma", 5e-5);
    double lambda = method.number("lambda", 5e-7);
    return method.build(() -> new ScaledConjugateGradient(sigma, lambda));
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofFullBatch(MIN_GRADIENT);
  }

  /** The curvature and the trial. */
  @Override
  public int maxEvaluations() {
    return 2;
  }

  /** The direction; weights and gradient before the step. */
  @Override
  public int stateTensors() {
    return 4;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "scaled_conjugate_gradient",
            "Conjugate directions without a line search, on all rows in float64.")
        .formula("w ← w + α·d with α = −gᵀd/δ and the curvature δ measured by one more gradient")
        .aliases("trainscg")
        .names(null, null, "trainscg")
        .source("Møller 1993; MATLAB's trainscg")
        .member(
            "sigma",
            Parameters.above(5e-5),
            "The change of the weights by which the curvature is measured.")
        .member("lambda", Parameters.nonNegative(5e-7), "The first λ, which keeps δ positive.")
        .example("sigma", 5e-5);
  }
}
