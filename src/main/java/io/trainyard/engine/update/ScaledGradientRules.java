package io.trainyard.engine.update;

import io.trainyard.engine.update.Optimizer.Rule;
import io.trainyard.spec.training.optimizer.ScaledGradient;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The steps of RMSprop, Adagrad and Adadelta. */
final class ScaledGradientRules {
  private ScaledGradientRules() {}

  /**
   * @param decay the weight decay of these slices, in place of the spec's
   */
  static Rule of(
      ScaledGradient spec, List<Slice> slices, DoubleSupplier decay, OptimizerState state) {
    return switch (spec) {
      case ScaledGradient.Rmsprop rmsprop ->
          Optimizer.all(slices.stream().map(slice -> rmsprop(rmsprop, slice, decay)).toList());
      case ScaledGradient.Adagrad adagrad ->
          slices.getFirst().weights().is_cuda()
              ? Optimizer.all(slices.stream().map(slice -> adagrad(adagrad, slice, decay)).toList())
              : fusedAdagrad(adagrad, slices, decay, state);
      case ScaledGradient.Adadelta adadelta ->
          Optimizer.all(slices.stream().map(slice -> adadelta(adadelta, slice, decay)).toList());
    };
  }

  private static Rule rmsprop(ScaledGradient.Rmsprop spec, Slice slice, DoubleSupplier decay) {
    Tensor squares = slice.state("squares");
    Tensor average = spec.centered() ? slice.state("average") : squares;
    Tensor velocity = spec.momentum() > 0 ? slice.state("velocity") : squares;
    return (rate, _) -> {
      Tensor g = slice.gradient(decay.getAsDouble());
      Scalar share = new Scalar(1 - spec.rho());
      squares.mul_(new Scalar(spec.rho())).addcmul_(g, g, share);
      Tensor root;
      if (spec.centered()) {
        average.lerp_(g, share);
        root = squares.addcmul(average, average, new Scalar(-1.0)).sqrt_();
      } else {
        root = squares.sqrt();
      }
      root.add_(new Scalar(spec.epsilon()));
      if (spec.momentum() > 0) {
        velocity.mul_(new Scalar(spec.momentum())).addcdiv_(g, root);
        slice.weights().add_(velocity, new Scalar(-rate));
      } else {
        slice.weights().addcdiv_(g, root, new Scalar(-rate));
      }
    };
  }

  private static Rule fusedAdagrad(
      ScaledGradient.Adagrad spec, List<Slice> slices, DoubleSupplier decay, OptimizerState state) {
    FusedKernel kernel = new FusedKernel("aten::_fused_adagrad_", state.handles());
    IValue weights = kernel.list(slices.stream().map(Slice::weights).toList());
    IValue gradients = kernel.list(slices.stream().map(Slice::gradient).toList());
    IValue sums = kernel.list(slices.stream().map(slice -> slice.state("sums")).toList());
    IValue counts = kernel.list(slices.stream().map(_ -> state.count()).toList());
    return (rate, step) -> {
      state.count().fill_(new Scalar((double) step));
      kernel.call(
          weights,
          gradients,
          sums,
          counts,
          new IValue(rate),
          new IValue(0.0),
          new IValue(decay.getAsDouble()),
          new IValue(spec.epsilon()),
          kernel.flag(false));
    };
  }

  private static Rule adagrad(ScaledGradient.Adagrad spec, Slice slice, DoubleSupplier decay) {
    Tensor sums = slice.state("sums");
    return (rate, _) -> {
      Tensor g = slice.gradient(decay.getAsDouble());
      sums.addcmul_(g, g);
      slice.weights().addcdiv_(g, sums.sqrt().add_(new Scalar(spec.epsilon())), new Scalar(-rate));
    };
  }

  private static Rule adadelta(ScaledGradient.Adadelta spec, Slice slice, DoubleSupplier decay) {
    Tensor squares = slice.state("squares");
    Tensor changes = slice.state("changes");
    return (rate, _) -> {
      Tensor g = slice.gradient(decay.getAsDouble());
      Scalar rho = new Scalar(spec.rho());
      Scalar share = new Scalar(1 - spec.rho());
      Scalar epsilon = new Scalar(spec.epsilon());
      squares.mul_(rho).addcmul_(g, g, share);
      Tensor change = changes.add(epsilon).sqrt_().div_(squares.add(epsilon).sqrt_()).mul_(g);
      changes.mul_(rho).addcmul_(change, change, share);
      slice.weights().add_(change, new Scalar(-rate));
    };
  }
}
