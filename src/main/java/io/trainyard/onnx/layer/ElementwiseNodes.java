package io.trainyard.onnx.layer;

import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.tensor.DataFormat;
import java.util.Arrays;
import java.util.List;

/** Layers that treat each element alone: prelu and normalize. */
final class ElementwiseNodes {
  private ElementwiseNodes() {}

  static String of(ElementwiseSpec spec, String x, LayerWriter to) {
    return switch (spec) {
      case ElementwiseSpec.PRelu prelu -> to.node("PRelu", List.of(x, slope(prelu, to)));
      case ElementwiseSpec.Normalize normalize -> {
        String centered =
            to.node(
                "Sub",
                List.of(x, perChannel("mean", normalize.mean(), normalize.dataFormat(), to)));
        yield to.node(
            "Div",
            List.of(centered, perChannel("std", normalize.std(), normalize.dataFormat(), to)));
      }
    };
  }

  /** ONNX broadcasts the slopes along the last axes. */
  private static String slope(ElementwiseSpec.PRelu spec, LayerWriter to) {
    int rank = to.input().rank();
    int after = spec.perChannel() ? rank - 1 - spec.dataFormat().channelAxis(to.input()) : 0;
    if (after == 0) {
      return to.weight("weight");
    }
    float[] slopes = to.elements("weight");
    int[] dims = new int[after + 1];
    Arrays.fill(dims, 1);
    dims[0] = slopes.length;
    return to.computed("slope", slopes, dims);
  }

  /** One number per channel, shaped to broadcast over a batch. */
  private static String perChannel(
      String name, List<Double> numbers, DataFormat format, LayerWriter to) {
    int[] dims = new int[to.input().rank() + 1];
    Arrays.fill(dims, 1);
    dims[1 + format.channelAxis(to.input())] = numbers.size();
    float[] elements = new float[numbers.size()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = numbers.get(i).floatValue();
    }
    return to.own(name, elements, dims);
  }
}
