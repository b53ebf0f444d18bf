package io.trainyard.engine.update;

import io.trainyard.engine.update.Optimizer.Rule;
import io.trainyard.spec.training.optimizer.SignDescent;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** The steps of Rprop and Lion. */
final class SignRules {
  /** PyTorch's etas and step_sizes. */
  private static final double GROW = 1.2;

  private static final double SHRINK = 0.5;
  private static final double SMALLEST = 1e-6;
  private static final double LARGEST = 50;

  private SignRules() {}

  /**
   * @param decay the weight decay of this slice, in place of the spec's
   * @param factor the slice's factor of the learning rate
   */
  static Rule of(SignDescent spec, Slice slice, DoubleSupplier decay, double factor) {
    return switch (spec) {
      case SignDescent.Rprop rprop -> rprop(slice, rprop.learningRate() * factor);
      case SignDescent.Lion lion -> lion(lion, slice, decay);
    };
  }

  private static Rule rprop(Slice slice, double first) {
    Tensor before = slice.state("gradient");
    Tensor sizes = slice.state("step_sizes");
    sizes.fill_(new Scalar(first));
    return (_, _) -> {
      Tensor g = slice.gradient();
      Tensor product = g.mul(before);
      Scalar zero = new Scalar(0.0);
      Tensor turned = product.lt(zero);
      Tensor factors =
          product
              .sign()
              .masked_fill_(product.gt(zero), new Scalar(GROW))
              .masked_fill_(turned, new Scalar(SHRINK))
              .masked_fill_(product.eq(zero), new Scalar(1.0));
      sizes
          .mul_(factors)
          .clamp_(
              new ScalarOptional(new Scalar(SMALLEST)), new ScalarOptional(new Scalar(LARGEST)));
      before.copy_(g).masked_fill_(turned, zero);
      slice.weights().addcmul_(before.sign(), sizes, new Scalar(-1.0));
    };
  }

  private static Rule lion(SignDescent.Lion lion, Slice slice, DoubleSupplier decay) {
    Tensor average = slice.state("average");
    return (rate, _) -> {
      Tensor g = slice.gradient();
      Tensor direction =
          average.mul(new Scalar(lion.beta1())).add_(g, new Scalar(1 - lion.beta1())).sign_();
      if (decay.getAsDouble() > 0) {
        slice.weights().mul_(new Scalar(1 - rate * decay.getAsDouble()));
      }
      slice.weights().add_(direction, new Scalar(-rate));
      average.mul_(new Scalar(lion.beta2())).add_(g, new Scalar(1 - lion.beta2()));
    };
  }
}
