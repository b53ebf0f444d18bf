package io.trainyard.engine.loss;

import io.trainyard.spec.layer.ActivationSpec.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A batch of an output beside its target.
 *
 * @param before the output layer's value before its activation: the logits under a softmax or
 *     sigmoid
 * @param last the output layer's activation
 * @param target labels as integers [rows, ...], or numbers of the output's shape
 */
public record Compared(Tensor before, Tensor output, Function last, Tensor target) {
  /** Whether the target is labels, and the output has a number for each class. */
  boolean hasClasses() {
    return isLabels(target) && output.size(-1) > 1;
  }

  static boolean isLabels(Tensor target) {
    return target.scalar_type().intern() == ScalarType.Long;
  }

  /** The target as numbers of the output's shape, with label smoothing over this many classes. */
  Tensor smoothed(double share, long classes) {
    Tensor numbers = matching(target, output);
    return share == 0
        ? numbers
        : numbers.mul(new Scalar(1 - share)).add(new Scalar(share / classes));
  }

  /**
   * The target with the output's type and shape; labels become one-hot rows for several outputs.
   */
  static Tensor matching(Tensor given, Tensor output) {
    boolean labels =
        isLabels(given) && output.size(-1) > 1 && given.numel() * output.size(-1) == output.numel();
    Tensor target = labels ? torch.one_hot(given, output.size(-1)) : given;
    Tensor typed =
        target.scalar_type().intern() == output.scalar_type().intern()
            ? target
            : target.to(output.scalar_type());
    return typed.dim() == output.dim() ? typed : typed.view_as(output);
  }
}
