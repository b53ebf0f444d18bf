package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.CoreSpec;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
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

  /** Elements of a mask that are drawn at once: their draws lie in a cache. */
  private static final long PART = 1 << 18;

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
    drawBelow(mask.view(-1), 1 - rate, context.generator(purpose));
    Tensor scaled = mask.mul_(new Scalar(1 / (1 - rate)));
    return TensorConversion.as(like.scalar_type().intern(), scaled);
  }

  /**
   * Fills a vector with 1, with a probability to 16 bits, else 0. A part at a time: the draws, and
   * the comparison before it is converted, take two bytes an element each.
   */
  private static void drawBelow(Tensor vector, double probability, GeneratorOptional generator) {
    Scalar below =
        new Scalar(
            Math.min(Short.MAX_VALUE, Math.round(probability * SHORTS) + (long) Short.MIN_VALUE));
    long elements = vector.numel();
    try (PointerScope _ = new PointerScope()) {
      Tensor draws =
          TensorConversion.emptyWholesLike(
              vector, Math.ceilDiv(Math.min(elements, PART), ELEMENTS_OF_A_DRAW));
      Tensor numbers = draws.view(ScalarType.Short);
      for (long from = 0; from < elements; from += PART) {
        long count = Math.min(PART, elements - from);
        draws.random_(Long.MIN_VALUE, new LongOptional(), generator);
        torch.lt_out(vector.narrow(0, from, count), numbers.narrow(0, 0, count), below);
      }
    }
  }
}
