package io.trainyard.spec.layer;

import io.trainyard.spec.layer.WindowSpec.Span;
import io.trainyard.tensor.Shape;
import java.util.List;

/** Shapes of pools, which have no weights. */
public final class PoolShapes {
  private PoolShapes() {}

  public static LayerShape infer(PoolSpec spec, LayerInputs inputs) {
    return switch (spec) {
      case PoolSpec.Window pool -> window(pool, inputs);
      case PoolSpec.Global pool -> global(pool, inputs);
    };
  }

  private static LayerShape window(PoolSpec.Window pool, LayerInputs inputs) {
    WindowSpec window = pool.window();
    Shape input = inputs.image(window.axes(), pool.dataFormat());
    List<Span> spans = ConvolutionShapes.spans(window, pool.dataFormat(), inputs, input);
    for (Span span : spans) {
      if (Math.max(span.before(), span.after()) > span.size() / 2) {
        throw inputs.fault(
            "pads by %d, more than half of its window of %d"
                .formatted(Math.max(span.before(), span.after()), span.size()));
      }
    }
    refuseShortAxes(pool, spans, inputs);
    Shape output =
        pool.dataFormat()
            .row(pool.dataFormat().channels(input), spans.stream().map(Span::out).toList());
    return new LayerShape(inputs.shapes(), output, List.of(), ConvolutionShapes.formulas(spans), 0);
  }

  /** PyTorch's mean over three axes wants each to be as long as its window, padding left aside. */
  private static void refuseShortAxes(PoolSpec.Window pool, List<Span> spans, LayerInputs inputs) {
    boolean mean = pool.kind() == PoolSpec.Kind.AVERAGE && pool.window().axes() == 3;
    for (Span span : spans) {
      if (mean
          && !(pool.window().padding() instanceof Padding.Same)
          && span.length() < span.size()) {
        throw inputs.fault(
            "has a window of %d on an axis of %d elements".formatted(span.size(), span.length()));
      }
    }
  }

  private static LayerShape global(PoolSpec.Global pool, LayerInputs inputs) {
    Shape input = inputs.atLeast(2);
    int channels = pool.dataFormat().channels(input);
    return new LayerShape(
        inputs.shapes(),
        Shape.of(channels),
        List.of(),
        "%s over %s = [%d]".formatted(input, pool.dataFormat().spatial(input), channels),
        0);
  }
}
