package io.trainyard.engine.search;

import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.training.optimizer.BayesianRegularization;
import io.trainyard.spec.training.optimizer.Bfgs;
import io.trainyard.spec.training.optimizer.ConjugateGradient;
import io.trainyard.spec.training.optimizer.GradientDescent;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.ScaledConjugateGradient;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The search of an optimizer. */
public final class Searches {
  private Searches() {}

  /**
   * A search that changes these weights.
   *
   * @param errors null where the loss is no sum of squares
   * @return null for an optimizer that needs one gradient a step
   */
  public static @Nullable Search of(
      OptimizerSpec spec, TrainedWeights trained, @Nullable SquaredErrors errors) {
    Tensor weights = trained.flat();
    Tensor gradient = trained.gradient();
    return switch (spec) {
      case Lbfgs lbfgs -> new LbfgsSearch(lbfgs, weights, gradient);
      case GradientDescent.Adaptive adaptive -> new AdaptiveDescent(adaptive, weights, gradient);
      case ConjugateGradient conjugate ->
          new LineSearchDescent(
              new ConjugateDirections(conjugate, gradient, trained.count()),
              ConjugateDirections.TOLERANCE,
              weights,
              gradient);
      case ScaledConjugateGradient scaled ->
          new ScaledConjugateSearch(scaled, weights, gradient, trained.count());
      case Bfgs _ ->
          new LineSearchDescent(
              new BfgsDirections(trained), BfgsDirections.TOLERANCE, weights, gradient);
      case LevenbergMarquardt marquardt ->
          MarquardtSearch.of(marquardt, Objects.requireNonNull(errors), weights);
      case BayesianRegularization bayesian ->
          MarquardtSearch.of(bayesian, Objects.requireNonNull(errors), weights);
      default -> null;
    };
  }
}
