package io.trainyard.engine.update;

import io.trainyard.engine.update.Optimizer.Rule;
import io.trainyard.spec.training.optimizer.GradientDescent;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The steps of classical gradient descent that need one gradient each. */
final class DescentRules {
  private DescentRules() {}

  /**
   * @param factor the slice's factor of the learning rate
   */
  static Rule of(GradientDescent spec, Slice slice, double factor) {
    return switch (spec) {
      case GradientDescent.Plain _ ->
          (rate, _) -> slice.weights().add_(slice.gradient(), new Scalar(-rate));
      case GradientDescent.Momentum momentum -> momentum(momentum.momentum(), slice);
      case GradientDescent.DeltaBarDelta bar -> deltaBarDelta(bar, slice, factor);
      case GradientDescent.Resilient resilient -> resilient(resilient, slice, factor);
      case GradientDescent.Adaptive _ ->
          (_, _) -> {
            throw new IllegalStateException("its steps are those of AdaptiveDescent");
          };
    };
  }

  private static Rule momentum(double momentum, Slice slice) {
    Tensor change = slice.state("change");
    return (rate, step) -> {
      Tensor g = slice.gradient();
      if (step == 1) {
        change.copy_(g).mul_(new Scalar(-rate));
      }
      change.mul_(new Scalar(momentum)).add_(g, new Scalar(-rate * (1 - momentum)));
      slice.weights().add_(change);
    };
  }

  private static Rule deltaBarDelta(
      GradientDescent.DeltaBarDelta spec, Slice slice, double factor) {
    Tensor average = slice.state("average");
    Tensor rates = slice.state("rates");
    rates.fill_(new Scalar(spec.learningRate() * factor));
    return (_, _) -> {
      Tensor g = slice.gradient();
      Scalar zero = new Scalar(0.0);
      Tensor product = average.mul(g);
      Tensor same = product.gt(zero).to(rates.scalar_type());
      Tensor other = product.lt(zero).to(rates.scalar_type());
      rates.add_(same, new Scalar(spec.kappa())).addcmul_(rates, other, new Scalar(-spec.phi()));
      slice.weights().addcmul_(rates, g, new Scalar(-1.0));
      average.mul_(new Scalar(spec.theta())).add_(g, new Scalar(1 - spec.theta()));
    };
  }

  private static Rule resilient(GradientDescent.Resilient spec, Slice slice, double factor) {
    Tensor before = slice.state("gradient");
    Tensor sizes = slice.state("step_sizes");
    sizes.fill_(new Scalar(spec.learningRate() * factor));
    return (_, _) -> {
      Tensor g = slice.gradient();
      Scalar zero = new Scalar(0.0);
      Tensor product = g.mul(before);
      Tensor factors =
          product
              .sign()
              .masked_fill_(product.gt(zero), new Scalar(spec.increase()))
              .masked_fill_(product.lt(zero), new Scalar(spec.decrease()))
              .masked_fill_(product.eq(zero), new Scalar(1.0));
      sizes.mul_(factors).clamp_max_(new Scalar(spec.largest()));
      before.copy_(g);
      slice.weights().addcmul_(g.sign(), sizes, new Scalar(-1.0));
    };
  }
}
