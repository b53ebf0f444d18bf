package io.trainyard.engine;

import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The formulas of the losses: means over an output's elements, then over the batch's rows. */
final class Losses {
  /** Probabilities are clamped to this minimum before their logarithm. */
  private static final double SMALLEST = 1e-7;

  private Losses() {}

  /**
   * @param before the output layer's value before its activation: the logits under a softmax or
   *     sigmoid
   * @param last the output layer's activation
   * @param target labels as integers [rows, ...], or numbers of the output's shape
   */
  static Tensor of(LossSpec loss, Tensor before, Tensor output, Function last, Tensor target) {
    return switch (loss) {
      case LossSpec.Mse mse -> torch.mse_loss(output, matching(target, output));
      case LossSpec.Mae mae -> torch.l1_loss(output, matching(target, output));
      case LossSpec.BinaryCrossentropy binary -> {
        Tensor numbers = matching(target, output);
        if (binary.fromLogits()) {
          yield torch.binary_cross_entropy_with_logits(output, numbers);
        }
        yield last == Function.SIGMOID
            ? torch.binary_cross_entropy_with_logits(before, numbers)
            : torch.binary_cross_entropy(output, numbers);
      }
      case LossSpec.CategoricalCrossentropy categorical -> {
        if (categorical.fromLogits()) {
          yield crossEntropy(output, target);
        }
        // cross_entropy_loss applies softmax: softmax(log p) = p when p sums to 1.
        yield last == Function.SOFTMAX
            ? crossEntropy(before, target)
            : crossEntropy(output.clamp_min(new Scalar(SMALLEST)).log(), target);
      }
    };
  }

  /** Classes along the last axis; every other axis counts as a row. */
  private static Tensor crossEntropy(Tensor logits, Tensor target) {
    long classes = logits.size(-1);
    Tensor flat = logits.dim() == 2 ? logits : logits.reshape(-1, classes);
    if (target.scalar_type().intern() == ScalarType.Long) {
      return torch.cross_entropy_loss(flat, target.dim() == 1 ? target : target.reshape(-1));
    }
    return torch.cross_entropy_loss(flat, target.reshape(-1, classes));
  }

  /**
   * The target with the output's type and shape; labels become one-hot rows for several outputs.
   */
  static Tensor matching(Tensor given, Tensor output) {
    boolean labels =
        given.scalar_type().intern() == ScalarType.Long
            && output.size(-1) > 1
            && given.numel() * output.size(-1) == output.numel();
    Tensor target = labels ? torch.one_hot(given, output.size(-1)) : given;
    Tensor typed =
        target.scalar_type().intern() == output.scalar_type().intern()
            ? target
            : target.to(output.scalar_type());
    return typed.dim() == output.dim() ? typed : typed.view_as(output);
  }
}
