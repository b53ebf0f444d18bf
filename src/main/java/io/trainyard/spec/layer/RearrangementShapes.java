package io.trainyard.spec.layer;

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
import java.util.List;
import java.util.function.IntBinaryOperator;

/** Shapes of layers that move, repeat or leave out elements. */
public final class RearrangementShapes {
  private RearrangementShapes() {}

  public static LayerShape infer(RearrangementSpec spec, LayerInputs inputs) {
    Shape input = inputs.only();
    Shape output =
        switch (spec) {
          case Reshape reshape -> reshape(reshape, input, inputs);
          case Permute permute -> permute(permute, input, inputs);
          case Repeat repeat -> input.batched(repeat.n());
          case Crop crop -> crop(crop, inputs);
          case ZeroPad pad -> pad(pad, inputs);
          case Upsample up ->
              spatial(
                  up.dataFormat(),
                  up.size().size(),
                  inputs,
                  (axis, n) -> Math.multiplyExact(n, RearrangementSpec.perAxis(up.size(), axis)));
          case Slice slice -> slice(slice, input, inputs);
          case LastStep _ -> inputs.atLeast(2).row();
        };
    return new LayerShape(inputs.shapes(), output, List.of(), input + " → " + output, 0);
  }

  private static Shape reshape(Reshape reshape, Shape input, LayerInputs inputs) {
    long known = 1;
    int open = -1;
    for (int i = 0; i < reshape.shape().size(); i++) {
      if (reshape.shape().get(i) == -1) {
        open = i;
      } else {
        known = Math.multiplyExact(known, reshape.shape().get(i));
      }
    }
    boolean fits = open < 0 ? known == input.elements() : input.elements() % known == 0;
    if (!fits) {
      throw inputs.fault(
          "cannot make %s of the %d elements of %s"
              .formatted(reshape.shape(), input.elements(), input));
    }
    List<Integer> dims = new ArrayList<>(reshape.shape());
    if (open >= 0) {
      dims.set(open, Math.toIntExact(input.elements() / known));
    }
    return new Shape(dims);
  }

  private static Shape permute(Permute permute, Shape input, LayerInputs inputs) {
    List<Integer> axes = permute.axes().stream().map(axis -> inputs.axis(axis, input)).toList();
    if (axes.size() != input.rank() || axes.stream().distinct().count() != axes.size()) {
      throw inputs.fault(
          "must name each of the %s of %s once, but names %s"
              .formatted(LayerInputs.axes(input.rank()), input, permute.axes()));
    }
    return new Shape(axes.stream().map(input::axis).toList());
  }

  private static Shape crop(Crop crop, LayerInputs inputs) {
    Padding.Explicit cut = crop.cropping();
    return spatial(
        crop.dataFormat(),
        cut.before().size(),
        inputs,
        (axis, n) -> {
          int left =
              n
                  - RearrangementSpec.perAxis(cut.before(), axis)
                  - RearrangementSpec.perAxis(cut.after(), axis);
          if (left < 1) {
            throw inputs.fault("leaves nothing of an axis of " + n);
          }
          return left;
        });
  }

  private static Shape pad(ZeroPad pad, LayerInputs inputs) {
    Padding.Explicit added = pad.padding();
    return spatial(
        pad.dataFormat(),
        added.before().size(),
        inputs,
        (axis, n) ->
            Math.addExact(
                n,
                RearrangementSpec.perAxis(added.before(), axis)
                    + RearrangementSpec.perAxis(added.after(), axis)));
  }

  /** Each axis but the channels' to its new length. */
  private static Shape spatial(
      DataFormat format, int given, LayerInputs inputs, IntBinaryOperator length) {
    Shape input = inputs.atLeast(2);
    List<Integer> spatial = format.spatial(input);
    if (given != 1 && given != spatial.size()) {
      throw inputs.fault(
          "speaks of %s, but '%s' gives %s with %d besides the channels"
              .formatted(
                  LayerInputs.axes(given),
                  inputs.layer().inputs().getFirst(),
                  input,
                  spatial.size()));
    }
    List<Integer> lengths = new ArrayList<>();
    for (int axis = 0; axis < spatial.size(); axis++) {
      lengths.add(length.applyAsInt(axis, spatial.get(axis)));
    }
    return format.row(format.channels(input), lengths);
  }

  private static Shape slice(Slice slice, Shape input, LayerInputs inputs) {
    int axis = inputs.axis(slice.axis(), input);
    int length = input.axis(axis);
    int start = slice.start() < 0 ? length + slice.start() : slice.start();
    Integer given = slice.end();
    int end = given == null ? length : given < 0 ? length + given : given;
    if (start < 0 || end > length || start >= end) {
      throw inputs.fault(
          "takes %d to %s of axis %d, which has %d elements"
              .formatted(slice.start(), given == null ? "the end" : given, axis, length));
    }
    List<Integer> dims = new ArrayList<>(input.dims());
    dims.set(axis, end - start);
    return new Shape(dims);
  }
}
