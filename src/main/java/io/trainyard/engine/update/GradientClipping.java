package io.trainyard.engine.update;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Limits the norm over all gradients, or each element. Source: torch.nn.utils.clip_grad_norm_ and
 * clip_grad_value_.
 */
final class GradientClipping {
  /** PyTorch's constant against a division by 0. */
  private static final double EPSILON = 1e-6;

  private final Tensor gradient;
  private final @Nullable Double norm;
  private final @Nullable Double limit;

  GradientClipping(Tensor gradient, @Nullable Double norm, @Nullable Double limit) {
    this.gradient = gradient;
    this.norm = norm;
    this.limit = limit;
  }

  void apply() {
    if (norm != null) {
      Tensor factor =
          gradient.norm().add(new Scalar(EPSILON)).reciprocal().mul(new Scalar((double) norm));
      gradient.mul_(factor.clamp_max(new Scalar(1.0)));
    }
    if (limit != null) {
      gradient.clamp_(
          new ScalarOptional(new Scalar(-limit)), new ScalarOptional(new Scalar((double) limit)));
    }
  }
}
