package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.spec.layer.ActivationSpec;
import java.util.Arrays;
import java.util.List;

/** The operators of the activations: an exhaustive switch. */
final class ActivationNodes {
  private static final double SQRT_HALF = Math.sqrt(0.5);

  private ActivationNodes() {}

  /** The activation of a layer's units; a learned one is x + a·(f(x) − x). */
  static String ofLayer(ActivationSpec activation, String x, LayerWriter to) {
    String plain = apply(activation, x, to);
    if (!activation.learned()) {
      return plain;
    }
    int after = to.shape().output().rank() - 1 - to.layer().spec().unitAxis(to.shape().output());
    float[] shares = to.elements(ActivationSpec.SHARE);
    int[] dims = new int[after + 1];
    Arrays.fill(dims, 1);
    dims[0] = shares.length;
    String share =
        after == 0 ? to.weight(ActivationSpec.SHARE) : to.computed("share", shares, dims);
    return to.add(x, to.multiply(to.node("Sub", List.of(plain, x)), share));
  }

  static String apply(ActivationSpec activation, String x, LayerWriter to) {
    List<String> only = List.of(x);
    return switch (activation.function()) {
      case LINEAR -> x;
      case STEP -> step(x, to);
      case HARDLIMS ->
          to.node("Sub", List.of(to.multiply(step(x, to), to.number(2)), to.number(1)));
      case SIGMOID -> to.node("Sigmoid", only);
      case TANH -> to.node("Tanh", only);
      case RELU -> to.node("Relu", only);
      case RELU6 -> clip(x, 0, 6, to);
      case LEAKY_RELU -> to.node("LeakyRelu", only, Attribute.of("alpha", activation.alpha()));
      case ELU -> to.node("Elu", only, Attribute.of("alpha", activation.alpha()));
      case SELU -> to.node("Selu", only);
      case GELU -> gelu(x, to);
      case SILU -> to.multiply(x, to.node("Sigmoid", only));
      case MISH -> to.multiply(x, to.node("Tanh", List.of(to.node("Softplus", only))));
      case SOFTPLUS -> to.node("Softplus", only);
      case SOFTSIGN -> to.node("Softsign", only);
      case SOFTMAX -> to.node("Softmax", only, Attribute.of("axis", -1L));
      case LOG_SOFTMAX -> to.node("LogSoftmax", only, Attribute.of("axis", -1L));
      case HARD_SIGMOID ->
          to.node("HardSigmoid", only, Attribute.of("alpha", 1.0 / 6), Attribute.of("beta", 0.5));
      case HARD_TANH, SATLINS -> clip(x, -1, 1, to);
      case SATLIN -> clip(x, 0, 1, to);
      case RADBAS -> to.node("Exp", List.of(to.node("Neg", List.of(to.multiply(x, x)))));
      case EXPONENTIAL -> to.node("Exp", only);
    };
  }

  /** 1 for x ≥ 0, else 0. */
  static String step(String x, LayerWriter to) {
    return to.cast(to.node("GreaterOrEqual", List.of(x, to.number(0))), OnnxTypes.FLOAT);
  }

  private static String clip(String x, double low, double high, LayerWriter to) {
    return to.node("Clip", List.of(x, to.number(low), to.number(high)));
  }

  /** x·(1 + erf(x/√2))/2. */
  private static String gelu(String x, LayerWriter to) {
    String erf = to.node("Erf", List.of(to.multiply(x, to.number(SQRT_HALF))));
    return to.multiply(to.multiply(x, to.add(erf, to.number(1))), to.number(0.5));
  }
}
