package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps gradients small: by the norm over all of them, or each element by itself. Source:
 * torch.nn.utils.clip_grad_norm_ and clip_grad_value_.
 */
final class GradientClipping implements AutoCloseable {
  /** PyTorch's: keeps a norm of 0 from dividing. */
  private static final double SLACK = 1e-6;

  private final NativeHandles retained = new NativeHandles();
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
          gradient.norm().add(new Scalar(SLACK)).reciprocal().mul(new Scalar((double) norm));
      gradient.mul_(factor.clamp_max(new Scalar(1.0)));
    }
    if (limit != null) {
      gradient.clamp_(
          new ScalarOptional(new Scalar(-limit)), new ScalarOptional(new Scalar((double) limit)));
    }
  }

  @Override
  public void close() {
    retained.close();
  }
}
