package io.trainyard.engine.layer;

import io.trainyard.spec.layer.ActivationSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The formulas of the activations: an exhaustive switch. */
public final class Activations {
  private Activations() {}

  /**
   * The activation of a layer's units.
   *
   * @param share a of a learned one, shaped to broadcast; null for others
   */
  public static Tensor apply(ActivationSpec activation, @Nullable Tensor share, Tensor x) {
    Tensor plain = apply(activation, x);
    return share == null ? plain : torch.lerp(x, plain, share);
  }

  public static Tensor apply(ActivationSpec activation, Tensor x) {
    return switch (activation.function()) {
      case LINEAR -> x;
      // step(0) = 1; the gradient is 0 everywhere.
      case STEP -> torch.ge(x, new Scalar(0.0f)).to(x.scalar_type());
      case HARDLIMS ->
          torch.ge(x, new Scalar(0.0f)).to(x.scalar_type()).mul(new Scalar(2.0f)).sub(one());
      case SIGMOID -> torch.sigmoid(x);
      case TANH -> torch.tanh(x);
      case RELU -> torch.relu(x);
      case RELU6 -> torch.hardtanh(x, new Scalar(0.0f), new Scalar(6.0f));
      case LEAKY_RELU -> torch.leaky_relu(x, new Scalar(activation.alpha()));
      case ELU -> torch.elu(x, new Scalar(activation.alpha()), one(), one());
      case SELU -> torch.selu(x);
      case GELU -> torch.gelu(x);
      case SILU -> torch.silu(x);
      case MISH -> torch.mish(x);
      case SOFTPLUS -> torch.softplus(x);
      case SOFTSIGN -> torch.softsign(x);
      case SOFTMAX -> torch.softmax(x, -1);
      case LOG_SOFTMAX -> torch.log_softmax(x, -1);
      case HARD_SIGMOID -> torch.hardsigmoid(x);
      case HARD_TANH, SATLINS -> torch.hardtanh(x, new Scalar(-1.0f), one());
      case SATLIN -> torch.hardtanh(x, new Scalar(0.0f), one());
      case RADBAS -> torch.exp(torch.neg(torch.square(x)));
      case EXPONENTIAL -> torch.exp(x);
    };
  }

  private static Scalar one() {
    return new Scalar(1.0f);
  }
}
