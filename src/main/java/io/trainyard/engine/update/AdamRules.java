package io.trainyard.engine.update;

import io.trainyard.engine.update.Optimizer.Rule;
import io.trainyard.spec.training.optimizer.AdamFamily;
import io.trainyard.spec.training.optimizer.AdamFamily.Decays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The steps of Adam and its relatives. */
final class AdamRules {
  /** PyTorch's momentum_decay, by which Nadam's momentum grows. */
  private static final double MOMENTUM_DECAY = 0.004;

  private AdamRules() {}

  /**
   * @param decay the weight decay of these slices, in place of the spec's
   */
  static Rule of(AdamFamily spec, List<Slice> slices, DoubleSupplier decay, OptimizerState state) {
    return switch (spec) {
      case AdamFamily.Adam adam ->
          fused("aten::_fused_adam_", adam.decays(), adam.amsgrad(), slices, decay, state);
      case AdamFamily.AdamW adam ->
          fused("aten::_fused_adamw_", adam.decays(), adam.amsgrad(), slices, decay, state);
      case AdamFamily.Nadam nadam ->
          new Nadam(nadam.decays(), slices.stream().map(Moments::new).toList(), decay);
      case AdamFamily.Adamax adamax -> adamax(adamax.decays(), slices, decay);
      case AdamFamily.Radam radam -> radam(radam.decays(), slices, decay);
    };
  }

  private static Rule fused(
      String name,
      Decays adam,
      boolean amsgrad,
      List<Slice> slices,
      DoubleSupplier decay,
      OptimizerState state) {
    FusedKernel kernel = new FusedKernel(name, state.handles());
    IValue weights = kernel.list(slices.stream().map(Slice::weights).toList());
    IValue gradients = kernel.list(slices.stream().map(Slice::gradient).toList());
    IValue averages = kernel.list(states(slices, "average"));
    IValue squares = kernel.list(states(slices, "squares"));
    IValue largest = kernel.list(amsgrad ? states(slices, "largest_squares") : List.of());
    IValue counts = kernel.list(slices.stream().map(_ -> state.count()).toList());
    return (rate, step) -> {
      state.count().fill_(new Scalar((double) step));
      kernel.call(
          weights,
          gradients,
          averages,
          squares,
          largest,
          counts,
          new IValue(rate),
          new IValue(adam.beta1()),
          new IValue(adam.beta2()),
          new IValue(decay.getAsDouble()),
          new IValue(adam.epsilon()),
          kernel.flag(amsgrad),
          kernel.flag(false));
    };
  }

  private static List<Tensor> states(List<Slice> slices, String name) {
    return slices.stream().map(slice -> slice.state(name)).toList();
  }

  /** A slice with m and v. */
  private record Moments(Slice slice, Tensor average, Tensor squares) {
    Moments(Slice slice) {
      this(slice, slice.state("average"), slice.state("squares"));
    }

    /** m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g². */
    void add(Tensor g, Decays adam) {
      average.lerp_(g, new Scalar(1 - adam.beta1()));
      squares.mul_(new Scalar(adam.beta2())).addcmul_(g, g, new Scalar(1 - adam.beta2()));
    }
  }

  /** Its product of momenta follows from the number of steps. */
  private static final class Nadam implements Rule {
    private final Decays adam;
    private final List<Moments> slices;
    private final DoubleSupplier decay;
    private double product = 1;
    private long multiplied;

    Nadam(Decays adam, List<Moments> slices, DoubleSupplier decay) {
      this.adam = adam;
      this.slices = slices;
      this.decay = decay;
    }

    private double momentum(long step) {
      return adam.beta1() * (1 - 0.5 * Math.pow(0.96, step * MOMENTUM_DECAY));
    }

    @Override
    public void step(double rate, long step) {
      while (multiplied < step) {
        multiplied++;
        product *= momentum(multiplied);
      }
      double momentum = momentum(step);
      double next = momentum(step + 1);
      double correction = 1 - Math.pow(adam.beta2(), (double) step);
      for (Moments each : slices) {
        Tensor g = each.slice().gradient(decay.getAsDouble());
        each.add(g, adam);
        Tensor root =
            each.squares().div(new Scalar(correction)).sqrt_().add_(new Scalar(adam.epsilon()));
        each.slice()
            .weights()
            .addcdiv_(g, root, new Scalar(-rate * (1 - momentum) / (1 - product)))
            .addcdiv_(each.average(), root, new Scalar(-rate * next / (1 - product * next)));
      }
    }
  }

  private static Rule adamax(Decays adam, List<Slice> slices, DoubleSupplier decay) {
    record Norms(Slice slice, Tensor average, Tensor largest) {}
    List<Norms> all =
        slices.stream().map(s -> new Norms(s, s.state("average"), s.state("largest"))).toList();
    return (rate, step) -> {
      Scalar length = new Scalar(-rate / (1 - Math.pow(adam.beta1(), (double) step)));
      for (Norms each : all) {
        Tensor g = each.slice().gradient(decay.getAsDouble());
        each.average().lerp_(g, new Scalar(1 - adam.beta1()));
        Tensor decayed = each.largest().mul_(new Scalar(adam.beta2()));
        torch.maximum_out(each.largest(), decayed, g.abs().add_(new Scalar(adam.epsilon())));
        each.slice().weights().addcdiv_(each.average(), each.largest(), length);
      }
    };
  }

  private static Rule radam(Decays adam, List<Slice> slices, DoubleSupplier decay) {
    List<Moments> all = slices.stream().map(Moments::new).toList();
    double longest = 2 / (1 - adam.beta2()) - 1;
    return (rate, step) -> {
      double power = Math.pow(adam.beta2(), (double) step);
      double corrected = rate / (1 - Math.pow(adam.beta1(), (double) step));
      double length = longest - 2 * step * power / (1 - power);
      double rectification =
          Math.sqrt(
              (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
      for (Moments each : all) {
        each.add(each.slice().gradient(decay.getAsDouble()), adam);
        Tensor weights = each.slice().weights();
        if (length > 5) {
          Tensor root = each.squares().sqrt().add_(new Scalar(adam.epsilon()));
          double factor = corrected * rectification * Math.sqrt(1 - power);
          weights.addcdiv_(each.average(), root, new Scalar(-factor));
        } else {
          weights.add_(each.average(), new Scalar(-corrected));
        }
      }
    };
  }
}
