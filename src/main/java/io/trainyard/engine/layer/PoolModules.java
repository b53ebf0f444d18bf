package io.trainyard.engine.layer;

import io.trainyard.spec.layer.DataFormat;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.Padding;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pools. */
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

  /** Padding is −∞, so that it never wins. */
  private static LayerModule max(PoolSpec.Window pool, Shape input) {
    Geometry at = new Geometry(pool, input);
    return (inputs, pass) -> {
      Tensor x = at.padding.apply(at.layout.toNative(inputs[0]), Double.NEGATIVE_INFINITY);
      return at.layout.fromNative(at.largest(x));
    };
  }

  private static LayerModule average(PoolSpec.Window pool, Shape input) {
    Geometry at = new Geometry(pool, input);
    boolean countsPadding = pool.window().padding() instanceof Padding.Explicit;
    if (at.padding.isSymmetric()) {
      return (inputs, pass) ->
          at.layout.fromNative(at.average(at.layout.toNative(inputs[0]), countsPadding));
    }
    return (inputs, pass) -> {
      Tensor x = at.layout.toNative(inputs[0]);
      Tensor y = at.average(at.padding.pad(x, 0), true);
      if (!countsPadding) {
        // The mean of ones tells which share of each window lies within the input.
        Tensor ones = torch.ones_like(x.narrow(0, 0, 1).narrow(1, 0, 1)).detach();
        y = y.div(at.average(at.padding.pad(ones, 0), true));
      }
      return at.layout.fromNative(y);
    };
  }

  private static LayerModule global(PoolSpec.Global pool, Shape input) {
    int first = pool.dataFormat() == DataFormat.CHANNELS_LAST ? 1 : 2;
    long[] axes = LongStream.range(first, first + input.rank() - 1L).toArray();
    return pool.kind() == PoolSpec.Kind.MAX
        ? (inputs, pass) -> torch.amax(inputs[0], axes, false)
        : (inputs, pass) -> torch.mean(inputs[0], axes, false, new ScalarTypeOptional());
  }

  /** A pool's window as libtorch takes it. */
  private static final class Geometry {
    private final ChannelLayout layout;
    private final WindowPadding padding;
    private final long[] size;
    private final long[] strides;
    private final long[] ones;

    private Geometry(PoolSpec.Window pool, Shape input) {
      layout = new ChannelLayout(pool.dataFormat(), pool.window().axes());
      padding = new WindowPadding(layout, pool.window().spans(pool.dataFormat().spatial(input)));
      size = layout.lift(1, longs(pool.window().size()));
      strides = layout.lift(1, longs(pool.window().strides()));
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

    private static long[] longs(List<Integer> numbers) {
      return numbers.stream().mapToLong(Integer::longValue).toArray();
    }
  }
}
