package io.trainyard.engine.layer;

import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.Padding;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RearrangementSpec.Crop;
import io.trainyard.spec.layer.RearrangementSpec.LastStep;
import io.trainyard.spec.layer.RearrangementSpec.Permute;
import io.trainyard.spec.layer.RearrangementSpec.Repeat;
import io.trainyard.spec.layer.RearrangementSpec.Reshape;
import io.trainyard.spec.layer.RearrangementSpec.Slice;
import io.trainyard.spec.layer.RearrangementSpec.Upsample;
import io.trainyard.spec.layer.RearrangementSpec.ZeroPad;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Layers that move, repeat or remove elements. */
final class RearrangementModules {
  private RearrangementModules() {}

  static LayerModule of(RearrangementSpec spec, LayerShape shape) {
    Shape input = shape.inputs().getFirst();
    long[] output = shape.output().toLongs();
    return switch (spec) {
      case Reshape _ ->
          (inputs, context) -> inputs[0].reshape(LayerModules.batched(inputs[0], output));
      case Permute permute -> permute(permute, input);
      case Repeat _ ->
          (inputs, context) ->
              inputs[0].unsqueeze(1).expand(LayerModules.batched(inputs[0], output));
      case Crop crop -> crop(crop, input, output);
      case ZeroPad pad -> pad(pad, input);
      case Upsample upsample -> upsample(upsample, input);
      case Slice slice -> slice(slice, input, output);
      case LastStep _ -> (inputs, context) -> inputs[0].select(1, -1);
    };
  }

  private static LayerModule permute(Permute permute, Shape input) {
    long[] axes = new long[input.rank() + 1];
    for (int i = 0; i < input.rank(); i++) {
      axes[i + 1] = 1L + input.place(permute.axes().get(i));
    }
    return (inputs, context) -> inputs[0].permute(axes);
  }

  private static LayerModule crop(Crop crop, Shape input, long[] output) {
    int first = crop.dataFormat().firstSpatial();
    return (inputs, context) -> {
      Tensor y = inputs[0];
      for (int axis = 0; axis < input.rank() - 1; axis++) {
        long start = RearrangementSpec.perAxis(crop.cropping().before(), axis);
        y = y.narrow(first + axis, start, output[first + axis - 1]);
      }
      return y;
    };
  }

  private static LayerModule pad(ZeroPad pad, Shape input) {
    Padding.Explicit added = pad.padding();
    int spatial = input.rank() - 1;
    boolean last = pad.dataFormat() == DataFormat.CHANNELS_LAST;
    // constant_pad_nd wants pairs for the last axis first; channels get no padding.
    long[] pads = new long[2 * spatial + (last ? 2 : 0)];
    for (int axis = 0; axis < spatial; axis++) {
      int at = 2 * (spatial - 1 - axis) + (last ? 2 : 0);
      pads[at] = RearrangementSpec.perAxis(added.before(), axis);
      pads[at + 1] = RearrangementSpec.perAxis(added.after(), axis);
    }
    return (inputs, context) -> torch.constant_pad_nd(inputs[0], pads, new Scalar(0.0f));
  }

  private static LayerModule upsample(Upsample upsample, Shape input) {
    int first = upsample.dataFormat().firstSpatial();
    return (inputs, context) -> {
      Tensor y = inputs[0];
      for (int axis = 0; axis < input.rank() - 1; axis++) {
        long size = RearrangementSpec.perAxis(upsample.size(), axis);
        if (size > 1) {
          y =
              torch.repeat_interleave(
                  y, size, new LongOptional((long) first + axis), new LongOptional());
        }
      }
      return y;
    };
  }

  private static LayerModule slice(Slice slice, Shape input, long[] output) {
    int axis = input.place(slice.axis());
    int start = slice.start() < 0 ? input.axis(axis) + slice.start() : slice.start();
    return (inputs, context) -> inputs[0].narrow(1 + axis, start, output[axis]);
  }
}
