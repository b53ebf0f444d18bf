package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.Padding;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.WindowSpec.Span;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Pools over windows and over whole inputs. */
final class PoolNodes {
  private PoolNodes() {}

  static String of(PoolSpec spec, String x, LayerWriter to) {
    return switch (spec) {
      case PoolSpec.Window pool -> window(pool, x, to);
      case PoolSpec.Global pool -> global(pool, x, to);
    };
  }

  private static String window(PoolSpec.Window pool, String x, LayerWriter to) {
    int rank = to.input().rank();
    List<Span> spans = pool.window().spans(pool.dataFormat().spatial(to.input()));
    String first = ChannelOrder.toFirst(x, pool.dataFormat(), rank, to);
    Attribute size = Attribute.of("kernel_shape", pool.window().size());
    Attribute strides = Attribute.of("strides", pool.window().strides());
    Attribute pads = Attribute.of("pads", ConvolutionNodes.pads(spans));
    String y =
        pool.kind() == PoolSpec.Kind.MAX
            ? to.node("MaxPool", List.of(first), size, strides, pads)
            : pool.window().padding() instanceof Padding.Explicit
                ? to.node("AveragePool", List.of(padded(first, spans, to)), size, strides)
                : to.node("AveragePool", List.of(first), size, strides, pads);
    return ChannelOrder.fromFirst(y, pool.dataFormat(), rank, to);
  }

  /**
   * A mean that counts the zeros of its padding gets them from an operation of its own: ONNX
   * Runtime's operator divides by another count when the padding is longer than the input.
   */
  private static String padded(String x, List<Span> spans, LayerWriter to) {
    int rank = spans.size() + 2;
    long[] pads = new long[2 * rank];
    for (int axis = 0; axis < spans.size(); axis++) {
      pads[2 + axis] = spans.get(axis).before();
      pads[rank + 2 + axis] = spans.get(axis).after();
    }
    boolean none = Arrays.stream(pads).allMatch(pad -> pad == 0);
    return none ? x : to.node("Pad", List.of(x, to.integers(pads), to.number(0)));
  }

  private static String global(PoolSpec.Global pool, String x, LayerWriter to) {
    int from = pool.dataFormat().firstSpatial();
    List<Integer> axes = IntStream.range(from, from + to.input().rank() - 1).boxed().toList();
    return to.reduce(pool.kind() == PoolSpec.Kind.MAX ? "ReduceMax" : "ReduceMean", x, axes, false);
  }
}
