package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.tensor.DataFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalization layers. */
final class NormNodes {
  private NormNodes() {}

  static String of(NormSpec spec, String x, LayerWriter to) {
    return switch (spec) {
      case NormSpec.BatchNorm norm -> batchNorm(norm, x, to);
      case NormSpec.LayerNorm norm -> layerNorm(x, "weight", "bias", norm.epsilon(), to);
      case NormSpec.GroupNorm norm -> groupNorm(norm, x, to);
    };
  }

  /** ONNX's operator wants the channels in axis 1; else it is one product and one sum. */
  private static String batchNorm(NormSpec.BatchNorm norm, String x, LayerWriter to) {
    if (norm.dataFormat() == DataFormat.CHANNELS_FIRST || to.input().rank() == 1) {
      return to.node(
          "BatchNormalization",
          List.of(
              x,
              to.weight("weight"),
              to.weight("bias"),
              to.weight("running_mean"),
              to.weight("running_var")),
          Attribute.of("epsilon", norm.epsilon()));
    }
    float[] scale = to.elements("weight");
    float[] shift = to.elements("bias");
    float[] mean = to.elements("running_mean");
    float[] variance = to.elements("running_var");
    for (int i = 0; i < scale.length; i++) {
      double factor = scale[i] / Math.sqrt(variance[i] + norm.epsilon());
      scale[i] = (float) factor;
      shift[i] = (float) (shift[i] - mean[i] * factor);
    }
    String scaled = to.multiply(x, to.own("scale", scale, scale.length));
    return to.add(scaled, to.own("shift", shift, shift.length));
  }

  /** Over the last axis. */
  static String layerNorm(String x, String weight, String bias, double epsilon, LayerWriter to) {
    if (to.shapeOf(weight).elements() == 1) {
      // ONNX Runtime refuses a single element, whose mean is the element.
      String centered = to.node("Sub", List.of(x, x));
      return to.add(to.multiply(centered, to.weight(weight)), to.weight(bias));
    }
    return to.node(
        "LayerNormalization",
        List.of(x, to.weight(weight), to.weight(bias)),
        Attribute.of("axis", -1L),
        Attribute.of("epsilon", epsilon));
  }

  /** Each group as one channel of an instance normalization, then scale and shift per channel. */
  private static String groupNorm(NormSpec.GroupNorm norm, String x, LayerWriter to) {
    int rank = to.input().rank();
    int groups = norm.groups();
    int channels = norm.dataFormat().channels(to.input());
    List<Integer> row = new ArrayList<>(List.of(channels));
    row.addAll(norm.dataFormat().spatial(to.input()));
    String first = ChannelOrder.toFirst(x, norm.dataFormat(), rank, to);
    String grouped =
        to.reshape(first, List.of(groups, Math.toIntExact(to.input().elements() / groups)));
    float[] ones = new float[groups];
    Arrays.fill(ones, 1);
    String normed =
        to.node(
            "InstanceNormalization",
            List.of(
                grouped, to.own("ones", ones, groups), to.own("zeros", new float[groups], groups)),
            Attribute.of("epsilon", norm.epsilon()));
    int[] perChannel = new int[rank];
    Arrays.fill(perChannel, 1);
    perChannel[0] = channels;
    String scaled =
        to.multiply(to.reshape(normed, row), to.own("scale", to.elements("weight"), perChannel));
    String shifted = to.add(scaled, to.own("shift", to.elements("bias"), perChannel));
    return ChannelOrder.fromFirst(shifted, norm.dataFormat(), rank, to);
  }
}
