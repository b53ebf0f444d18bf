package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
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
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Layers that move, repeat or remove elements, of floats or indices. */
final class RearrangementNodes {
  private RearrangementNodes() {}

  static Value of(RearrangementSpec spec, Value value, LayerWriter to) {
    String x = value.name();
    Shape output = to.shape().output();
    String y =
        switch (spec) {
          case Reshape _ -> to.reshape(x, output.dims());
          case Permute permute -> permute(permute, x, to);
          case Repeat repeat -> repeat(repeat, x, to);
          case Crop crop -> crop(crop, x, to);
          case ZeroPad pad -> pad(pad, value, to);
          case Upsample upsample -> upsample(upsample, x, to);
          case Slice slice -> {
            int axis = to.input().place(slice.axis());
            int length = to.input().axis(axis);
            int start = slice.start() < 0 ? length + slice.start() : slice.start();
            yield to.slice(x, 1 + axis, start, (long) start + output.axis(axis));
          }
          case LastStep _ ->
              to.node("Gather", List.of(x, to.integer(-1)), Attribute.of("axis", 1L));
        };
    return value.as(y);
  }

  private static String permute(Permute permute, String x, LayerWriter to) {
    List<Integer> axes = new ArrayList<>(List.of(0));
    permute.axes().forEach(axis -> axes.add(1 + to.input().place(axis)));
    return to.transpose(x, axes);
  }

  private static String repeat(Repeat repeat, String x, LayerWriter to) {
    long[] times = new long[to.shape().output().rank() + 1];
    Arrays.fill(times, 1);
    times[1] = repeat.n();
    String lifted = to.node("Unsqueeze", List.of(x, to.integers(1)));
    return to.node("Expand", List.of(lifted, to.integers(times)));
  }

  private static String crop(Crop crop, String x, LayerWriter to) {
    int first = crop.dataFormat().firstSpatial();
    Shape output = to.shape().output();
    String y = x;
    for (int axis = 0; axis < output.rank() - 1; axis++) {
      long start = RearrangementSpec.perAxis(crop.cropping().before(), axis);
      y = to.slice(y, first + axis, start, start + output.axis(first + axis - 1));
    }
    return y;
  }

  private static String pad(ZeroPad pad, Value x, LayerWriter to) {
    Padding.Explicit added = pad.padding();
    int rank = to.input().rank() + 1;
    int first = pad.dataFormat().firstSpatial();
    long[] pads = new long[2 * rank];
    for (int axis = 0; axis < rank - 2; axis++) {
      pads[first + axis] = RearrangementSpec.perAxis(added.before(), axis);
      pads[rank + first + axis] = RearrangementSpec.perAxis(added.after(), axis);
    }
    String zero = x.integers() ? to.integer(0) : to.number(0);
    return to.node("Pad", List.of(x.name(), to.integers(pads), zero));
  }

  /** Each axis is repeated along a new one behind it, then both are joined. */
  private static String upsample(Upsample upsample, String x, LayerWriter to) {
    int first = upsample.dataFormat().firstSpatial();
    List<Integer> row = new ArrayList<>(to.input().dims());
    String y = x;
    for (int axis = 0; axis < row.size() - 1; axis++) {
      int size = RearrangementSpec.perAxis(upsample.size(), axis);
      int at = first + axis;
      long[] times = new long[row.size() + 2];
      Arrays.fill(times, 1);
      times[at + 1] = size;
      String apart = to.node("Unsqueeze", List.of(y, to.integers((long) at + 1)));
      row.set(at - 1, row.get(at - 1) * size);
      y = to.reshape(to.node("Tile", List.of(apart, to.integers(times))), row);
    }
    return y;
  }
}
