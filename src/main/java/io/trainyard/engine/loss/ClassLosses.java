package io.trainyard.engine.loss;

import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.ClassLoss;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** The losses for classes; {@link ClassLoss} has the formulas. */
final class ClassLosses {
  /** Probabilities are clamped to this minimum before their logarithm. */
  private static final double SMALLEST = 1e-7;

  /** The label that libtorch leaves out of a mean; no class has it. */
  private static final long NO_LABEL = -100;

  private ClassLosses() {}

  static Tensor of(ClassLoss loss, Compared compared, Averaging averaging) {
    return switch (loss) {
      case ClassLoss.BinaryCrossentropy binary -> binary(binary, compared, averaging);
      case ClassLoss.CategoricalCrossentropy categorical ->
          categorical(categorical, compared, averaging);
      case ClassLoss.Focal focal -> averaging.of(focal(focal, compared));
      case ClassLoss.KlDivergence divergence -> {
        Tensor t = smoothed(divergence, compared);
        Tensor logarithms = logarithms(divergence.fromLogits(), compared);
        yield averaging.of(torch.kl_div(logarithms, t, 0, false).sum(-1));
      }
      case ClassLoss.Nll nll ->
          averaging.of(smoothed(nll, compared).mul(compared.output()).sum(-1).neg());
      case ClassLoss.Hinge _ -> averaging.of(hinge(compared));
      case ClassLoss.SquaredHinge _ -> averaging.of(hinge(compared).square());
    };
  }

  private static Tensor binary(
      ClassLoss.BinaryCrossentropy loss, Compared compared, Averaging averaging) {
    Tensor t = compared.smoothed(loss.labelSmoothing(), 2);
    if (loss.fromLogits() || compared.last() == Function.SIGMOID) {
      Tensor logits = loss.fromLogits() ? compared.output() : compared.before();
      return averaging == Averaging.MEAN
          ? torch.binary_cross_entropy_with_logits(logits, t)
          : torch.binary_cross_entropy_with_logits(
              logits, t, new TensorOptional(), new TensorOptional(), averaging.reduction());
    }
    return averaging == Averaging.MEAN
        ? torch.binary_cross_entropy(compared.output(), t)
        : torch.binary_cross_entropy(
            compared.output(), t, new TensorOptional(), averaging.reduction());
  }

  /** Classes along the last axis; every other axis counts as a row. */
  private static Tensor categorical(
      ClassLoss.CategoricalCrossentropy loss, Compared compared, Averaging averaging) {
    Tensor logits = logits(loss, compared);
    Tensor target = compared.target();
    long classes = logits.size(-1);
    Tensor flat = logits.dim() == 2 ? logits : logits.reshape(-1, classes);
    Tensor flatTarget =
        !Compared.isLabels(target)
            ? target.reshape(-1, classes)
            : target.dim() == 1 ? target : target.reshape(-1);
    if (averaging == Averaging.MEAN && loss.labelSmoothing() == 0) {
      return torch.cross_entropy_loss(flat, flatTarget);
    }
    Tensor value =
        torch.cross_entropy_loss(
            flat,
            flatTarget,
            new TensorOptional(),
            averaging.reduction(),
            NO_LABEL,
            loss.labelSmoothing());
    return averaging == Averaging.MEAN || logits.dim() == 2
        ? value
        : value.reshape(logits.size(0), -1);
  }

  /** cross_entropy_loss applies softmax: softmax(log p) = p when p sums to 1. */
  private static Tensor logits(ClassLoss.CategoricalCrossentropy loss, Compared compared) {
    if (loss.fromLogits()) {
      return compared.output();
    }
    return compared.last() == Function.SOFTMAX
        ? compared.before()
        : compared.output().clamp_min(new Scalar(SMALLEST)).log();
  }

  private static Tensor focal(ClassLoss.Focal loss, Compared compared) {
    boolean classes =
        compared.last() == Function.SOFTMAX || (loss.fromLogits() && compared.hasClasses());
    return classes ? focalOfClasses(loss, compared) : focalOfEach(loss, compared);
  }

  private static Tensor focalOfClasses(ClassLoss.Focal loss, Compared compared) {
    Tensor logarithms = logarithms(loss.fromLogits(), compared);
    return weight(logarithms.exp(), loss)
        .mul(logarithms)
        .mul(smoothed(loss, compared))
        .sum(-1)
        .mul(new Scalar(-loss.alpha()));
  }

  private static Tensor focalOfEach(ClassLoss.Focal loss, Compared compared) {
    Tensor t = compared.smoothed(loss.labelSmoothing(), 2);
    Tensor logits = loss.fromLogits() ? compared.output() : compared.before();
    Tensor entropy =
        torch.binary_cross_entropy_with_logits(
            logits, t, new TensorOptional(), new TensorOptional(), 0);
    Tensor p = logits.sigmoid();
    Tensor other = complement(t);
    Tensor right = p.mul(t).add(complement(p).mul(other));
    Tensor alpha = t.mul(new Scalar(loss.alpha())).add(other.mul(new Scalar(1 - loss.alpha())));
    return entropy.mul(weight(right, loss)).mul(alpha);
  }

  /** (1 − p)^γ, with a finite gradient at p = 1. */
  private static Tensor weight(Tensor p, ClassLoss.Focal loss) {
    return complement(p).clamp_min(new Scalar(SMALLEST)).pow(new Scalar(loss.gamma()));
  }

  private static Tensor complement(Tensor p) {
    return p.neg().add(new Scalar(1.0));
  }

  private static Tensor smoothed(ClassLoss loss, Compared compared) {
    return compared.smoothed(loss.labelSmoothing(), compared.output().size(-1));
  }

  /** The logarithms of the probabilities along the last axis. */
  private static Tensor logarithms(boolean fromLogits, Compared compared) {
    if (fromLogits) {
      return torch.log_softmax(compared.output(), -1);
    }
    return switch (compared.last()) {
      case SOFTMAX -> torch.log_softmax(compared.before(), -1);
      case LOG_SOFTMAX -> compared.output();
      default -> compared.output().clamp_min(new Scalar(SMALLEST)).log();
    };
  }

  /** max(0, 1 − s·p) with s = −1 for the target 0, else the target. */
  private static Tensor hinge(Compared compared) {
    Tensor t = compared.smoothed(0, 2);
    Tensor sign = t.sub(t.eq(new Scalar(0.0)).to(t.scalar_type()));
    return complement(sign.mul(compared.output())).relu();
  }
}
