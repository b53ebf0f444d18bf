package io.trainyard.spec.training.optimizer;

import io.trainyard.spec.description.Family;

/**
 * Methods whose steps follow the loss of all rows, with MATLAB's names and defaults: float64, at
 * most 1000 epochs of one step each, goal 0, and with validation rows max_fail 6. Each may be
 * given. The loss of an epoch is that of its new weights.
 */
public sealed interface FullBatch extends OptimizerSpec
    permits ScaledConjugateGradient,
        ConjugateGradient,
        Bfgs,
        LevenbergMarquardt,
        BayesianRegularization {
  /** How often a line search computes loss and gradient at most. */
  int LINE_SEARCH_EVALUATIONS = 26;

  /** The length of a step is the method's matter. */
  @Override
  default double learningRate() {
    return 1;
  }

  @Override
  default boolean isFullBatch() {
    return true;
  }

  @Override
  default boolean decaysWeights() {
    return false;
  }

  @Override
  default boolean followsLearningRate() {
    return false;
  }

  /** What callers are told of its optimizers. */
  static Family family() {
    return Family.of(
        "optimizer",
        "Second-order methods on all rows",
        ConjugateGradient.described(),
        ConjugateGradient.traincgf(),
        ScaledConjugateGradient.described(),
        Bfgs.described(),
        LevenbergMarquardt.described(),
        BayesianRegularization.described());
  }
}
