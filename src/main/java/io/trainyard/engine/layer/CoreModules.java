package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.CoreSpec;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Dense, activation, dropout and flatten. */
final class CoreModules {
  private static final int SHORTS = 1 << Short.SIZE;
  private static final int ELEMENTS_OF_A_DRAW = Long.SIZE / Short.SIZE;

  private CoreModules() {}

  static LayerModule of(CoreSpec spec, LayerWeights weights, long purpose) {
    return switch (spec) {
      case CoreSpec.Dense dense -> dense(dense, weights);
      // The graph applies the activation of every layer.
      case CoreSpec.Activation _ -> (inputs, context) -> inputs[0];
      case CoreSpec.Dropout dropout ->
          (inputs, context) -> dropout(inputs[0], context.now(dropout.rate()), context, purpose);
      case CoreSpec.Flatten _ -> (inputs, context) -> torch.flatten(inputs[0], 1, -1);
    };
  }

  private static LayerModule dense(CoreSpec.Dense spec, LayerWeights weights) {
    Tensor weight = weights.tensor("weight");
    TensorOptional bias = weights.optional("bias");
    double factor = spec.factor((int) weight.size(1));
    if (factor != 1) {
      return (inputs, context) -> torch.linear(inputs[0].mul(new Scalar(factor)), weight, bias);
    }
    return (inputs, context) -> torch.linear(inputs[0], weight, bias);
  }

  /** x times a {@link #mask} of its shape where masks are drawn, else x. */
  static Tensor dropout(Tensor x, double rate, ForwardContext context, long purpose) {
    return context.draws() && rate > 0
        ? x.mul(mask(x, x.sizes().vec().get(), rate, context, purpose))
        : x;
  }

  /**
   * A dropout mask: 0 with probability rate, to 16 bits, else 1/(1 − rate). A random number of 64
   * bits decides about four elements; bernoulli_ draws one for each, and takes five times as long.
   *
   * @param like gives the mask's type and device
   */
  static Tensor mask(Tensor like, long[] shape, double rate, ForwardContext context, long purpose) {
    Tensor mask = TensorConversion.emptyLike(like, shape);
    long elements = mask.numel();
    Tensor draws =
        TensorConversion.emptyWholesLike(like, Math.ceilDiv(elements, ELEMENTS_OF_A_DRAW))
            .random_(Long.MIN_VALUE, new LongOptional(), context.generator(purpose));
    Tensor numbers = draws.view(ScalarType.Short).narrow(0, 0, elements).view(shape);
    long below = Math.min(Short.MAX_VALUE, Math.round((1 - rate) * SHORTS) + Short.MIN_VALUE);
    Tensor scaled = torch.lt_out(mask, numbers, new Scalar(below)).mul_(new Scalar(1 / (1 - rate)));
    return TensorConversion.as(like.scalar_type().intern(), scaled);
  }
}
