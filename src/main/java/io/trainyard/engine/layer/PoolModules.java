package io.trainyard.engine.layer;

import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.Padding;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.tensor.Shape;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pooling over windows and over whole inputs. */
final class PoolModules {
  private PoolModules() {}

  static LayerModule of(PoolSpec spec, LayerShape shape) {
    Shape input = shape.inputs().getFirst();
    return switch (spec) {
      case PoolSpec.Window pool ->
          pool.kind() == PoolSpec.Kind.MAX ? max(pool, input) : average(pool, input);
      case PoolSpec.Global pool -> global(pool, input);
    };
  }

  /** Padding is −∞, so it is never the maximum. */
  private static LayerModule max(PoolSpec.Window pool, Shape input) {
    Geometry window = new Geometry(pool, input);
    return (inputs, context) -> {
      Tensor x = window.padding.apply(window.layout.toNative(inputs[0]), Double.NEGATIVE_INFINITY);
      return window.layout.fromNative(window.largest(x));
    };
  }

  private static LayerModule average(PoolSpec.Window pool, Shape input) {
    Geometry window = new Geometry(pool, input);
    boolean countsPadding = pool.window().padding() instanceof Padding.Explicit;
    if (window.padding.isSymmetric()) {
      return (inputs, context) ->
          window.layout.fromNative(
              window.average(window.layout.toNative(inputs[0]), countsPadding));
    }
    return (inputs, context) -> {
      Tensor x = window.layout.toNative(inputs[0]);
      Tensor y = window.average(window.padding.pad(x, 0), true);
      if (!countsPadding) {
        // The mean of ones is the share of each window that lies within the input.
        Tensor ones = torch.ones_like(x.narrow(0, 0, 1).narrow(1, 0, 1)).detach();
        y = y.div(window.average(window.padding.pad(ones, 0), true));
      }
      return window.layout.fromNative(y);
    };
  }

  private static LayerModule global(PoolSpec.Global pool, Shape input) {
    int first = pool.dataFormat().firstSpatial();
    long[] axes = LongStream.range(first, first + input.rank() - 1L).toArray();
    return pool.kind() == PoolSpec.Kind.MAX
        ? (inputs, context) -> torch.amax(inputs[0], axes, false)
        : (inputs, context) -> torch.mean(inputs[0], axes, false, new ScalarTypeOptional());
  }

  /** A pool's window in libtorch's terms. */
  private static final class Geometry {
    private final ChannelLayout layout;
    private final WindowPadding padding;
    private final long[] size;
    private final long[] strides;
    private final long[] ones;

    private Geometry(PoolSpec.Window pool, Shape input) {
      layout = new ChannelLayout(pool.dataFormat(), pool.window().axes());
      padding = new WindowPadding(layout, pool.window().spans(pool.dataFormat().spatial(input)));
      size = layout.lift(1, pool.window().size());
      strides = layout.lift(1, pool.window().strides());
      ones = LongStream.generate(() -> 1).limit(size.length).toArray();
    }

    private Tensor largest(Tensor x) {
      return layout.nativeAxes() == 3
          ? torch.max_pool3d(x, size, strides, padding.perAxis(), ones, false)
          : torch.max_pool2d(x, size, strides, padding.perAxis(), ones, false);
    }

    private Tensor average(Tensor x, boolean countPadding) {
      return layout.nativeAxes() == 3
          ? torch.avg_pool3d(
              x, size, strides, padding.perAxis(), false, countPadding, new LongOptional())
          : torch.avg_pool2d(
              x, size, strides, padding.perAxis(), false, countPadding, new LongOptional());
    }
  }
}
