package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.array;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.schema;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Layers that move, repeat or drop elements. They have no weights. */
public sealed interface RearrangementSpec extends LayerSpec {
  /** The output's shape; throws when the layer doesn't fit its input. */
  Shape output(LayerInputs inputs);

  @Override
  default LayerShape infer(LayerInputs inputs) {
    Shape input = inputs.only();
    Shape output = output(inputs);
    return inputs.weightless(output, input + " → " + output, cost(output));
  }

  @Override
  default boolean movesElements() {
    return true;
  }

  /** Most of them move no element: the output is a view of the input. */
  default LayerCost cost(Shape output) {
    return LayerCost.NONE;
  }

  /**
   * The same elements, row-major, in another shape. Source: Keras's Reshape.
   *
   * @param shape at most one length may be −1: the rest of the elements
   */
  record Reshape(List<Integer> shape) implements RearrangementSpec {
    public Reshape {
      shape = List.copyOf(shape);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      List<Integer> shape = numbers(layer, "shape", -1, Integer.MAX_VALUE);
      if (shape == null) {
        return null;
      }
      if (shape.contains(0) || shape.stream().filter(length -> length == -1).count() > 1) {
        layer.violate("shape", "Lengths from 1, and at most one −1, were expected, got " + shape);
        return null;
      }
      return new Reshape(shape);
    }

    @Override
    public Shape output(LayerInputs inputs) {
      Shape input = inputs.only();
      long known =
          shape.stream()
              .filter(length -> length != -1)
              .mapToLong(Integer::longValue)
              .reduce(1, Math::multiplyExact);
      int open = shape.indexOf(-1);
      boolean fits = open < 0 ? known == input.elements() : input.elements() % known == 0;
      if (!fits) {
        throw inputs.fault(
            "cannot make %s of the %d elements of %s".formatted(shape, input.elements(), input));
      }
      List<Integer> dims = new ArrayList<>(shape);
      if (open >= 0) {
        dims.set(open, Math.toIntExact(input.elements() / known));
      }
      return new Shape(dims);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("reshape", "The same elements in another shape.")
          .formula("row-major")
          .shape("[...] → shape")
          .names("torch.reshape, torch.nn.Unflatten", "keras.layers.Reshape", "reshapeLayer")
          .source("Keras's Reshape")
          .member(
              "shape",
              array(integer(-1, Integer.MAX_VALUE).with("not", schema().with("const", 0)))
                  .sized(1, LayerTypes.MAX_AXES),
              "The lengths of the axes; at most one may be −1, the rest of the elements.")
          .required("shape")
          .input(12)
          .example("shape", List.of(2, -1));
    }
  }

  /**
   * Axes in another order: axis i of the output is axis axes[i] of the input. Source:
   * torch.permute.
   */
  record Permute(List<Integer> axes) implements RearrangementSpec {
    public Permute {
      axes = List.copyOf(axes);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      List<Integer> axes = numbers(layer, "axes", -LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1);
      return axes == null ? null : new Permute(axes);
    }

    @Override
    public Shape output(LayerInputs inputs) {
      Shape input = inputs.only();
      List<Integer> order = axes.stream().map(axis -> inputs.axis(axis, input)).toList();
      if (order.size() != input.rank() || order.stream().distinct().count() != order.size()) {
        throw inputs.fault(
            "must name each of the %s of %s once, but names %s"
                .formatted(LayerInputs.axes(input.rank()), input, axes));
      }
      return new Shape(order.stream().map(input::axis).toList());
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("permute", "Axes in another order.")
          .formula("axis i of y is axis axes[i] of x")
          .shape("[a, b, ...] → the axes in the order given")
          .names("torch.permute", "keras.layers.Permute (counts from 1 there)", "permuteLayer")
          .source("torch.permute")
          .member(
              "axes",
              array(integer(-LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1))
                  .sized(1, LayerTypes.MAX_AXES),
              "Each axis once, counted from 0 behind the batch; negatives count from the end.")
          .required("axes")
          .input(3, 4)
          .example("axes", List.of(1, 0));
    }
  }

  /**
   * The row n times along a new first axis. Shapes: x [...], y [n, ...]. Source: Keras's
   * RepeatVector.
   */
  record Repeat(int n) implements RearrangementSpec {
    static LayerSpec read(JsonObject layer) {
      return new Repeat(layer.requiredInteger("n", 1, LayerTypes.MAX_UNITS));
    }

    @Override
    public Shape output(LayerInputs inputs) {
      return inputs.only().batched(n);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("repeat", "The row n times along a new first axis.")
          .formula("y[i] = x")
          .shape("[...] → [n, ...]")
          .names("torch.Tensor.expand", "keras.layers.RepeatVector", null)
          .source("Keras's RepeatVector")
          .member("n", integer(1, LayerTypes.MAX_UNITS), "Repetitions.")
          .required("n")
          .input(4)
          .example("n", 5);
    }
  }

  /**
   * Drops elements at both ends of each axis except the channels. One pair applies to all axes.
   * Source: Keras's Cropping.
   */
  record Crop(Padding.Explicit cropping, DataFormat dataFormat) implements RearrangementSpec {
    static LayerSpec read(JsonObject layer, DataFormat format) {
      return new Crop(sides(layer, "cropping"), layer.choice("data_format", format));
    }

    @Override
    public Shape output(LayerInputs inputs) {
      return spatial(
          dataFormat,
          cropping.before().size(),
          inputs,
          (axis, n) -> {
            int left = n - perAxis(cropping.before(), axis) - perAxis(cropping.after(), axis);
            if (left < 1) {
              throw inputs.fault("leaves nothing of an axis of " + n);
            }
            return left;
          });
    }

    @Override
    public boolean dropsElements() {
      return true;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("crop", "Drops elements at both ends of each axis except the channels.")
          .formula("y = x[before : n − after]")
          .shape("[n, ..., channels] → [n − before − after, ..., channels]")
          .names(null, "keras.layers.Cropping2D", "crop2dLayer")
          .source("Keras's Cropping")
          .member(
              "cropping",
              anyOf(
                  integer(0, WindowSpec.MAX),
                  array()
                      .sized(1, LayerTypes.MAX_AXES)
                      .of(MemberSchema.perAxis(0, WindowSpec.MAX, 2))),
              "A number for both ends, one per axis, or [before, after] per axis; one applies to"
                  + " all axes.")
          .member("data_format", LayerTypes.dataFormat())
          .required("cropping")
          .input(8, 8, 4)
          .example("cropping", List.of(List.of(1, 2), List.of(0, 1)));
    }
  }

  /**
   * Adds zeros at both ends of each axis except the channels. One pair applies to all axes. Source:
   * Keras's ZeroPadding.
   */
  record ZeroPad(Padding.Explicit padding, DataFormat dataFormat) implements RearrangementSpec {
    static LayerSpec read(JsonObject layer, DataFormat format) {
      return new ZeroPad(sides(layer, "padding"), layer.choice("data_format", format));
    }

    @Override
    public Shape output(LayerInputs inputs) {
      return spatial(
          dataFormat,
          padding.before().size(),
          inputs,
          (axis, n) ->
              Math.addExact(n, perAxis(padding.before(), axis) + perAxis(padding.after(), axis)));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("zero_pad", "Adds zeros at both ends of each axis except the channels.")
          .formula("y[before + i] = x[i]")
          .shape("[n, ..., channels] → [n + before + after, ..., channels]")
          .names("torch.nn.ZeroPad2d", "keras.layers.ZeroPadding2D", null)
          .source("Keras's ZeroPadding")
          .member(
              "padding",
              anyOf(
                  integer(0, WindowSpec.MAX),
                  array()
                      .sized(1, LayerTypes.MAX_AXES)
                      .of(MemberSchema.perAxis(0, WindowSpec.MAX, 2))),
              "A number for both ends, one per axis, or [before, after] per axis; one applies to"
                  + " all axes.")
          .member("data_format", LayerTypes.dataFormat())
          .required("padding")
          .input(8, 8, 4)
          .example("padding", 1);
    }
  }

  /**
   * Each element size times along each axis except the channels. One size applies to all axes.
   * Source: Keras's UpSampling, nearest.
   */
  record Upsample(List<Integer> size, DataFormat dataFormat) implements RearrangementSpec {
    public Upsample {
      size = List.copyOf(size);
    }

    static LayerSpec read(JsonObject layer, DataFormat format) {
      if (!layer.has("size")) {
        layer.violate("size", "'size' is required");
      }
      List<Integer> size = WindowSpec.perAxis(layer, "size", given(layer, "size"), List.of(1), 1);
      return new Upsample(size, layer.choice("data_format", format));
    }

    @Override
    public Shape output(LayerInputs inputs) {
      return spatial(
          dataFormat, size.size(), inputs, (axis, n) -> Math.multiplyExact(n, perAxis(size, axis)));
    }

    /** One axis after the other. */
    @Override
    public LayerCost cost(Shape output) {
      return LayerCost.NONE.keeping(output.elements());
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("upsample", "Repeats each element along each axis except the channels.")
          .formula("y[i] = x[⌊i/size⌋]")
          .shape("[n, ..., channels] → [n·size, ..., channels]")
          .names(
              "torch.nn.Upsample(mode=\"nearest\")",
              "keras.layers.UpSampling2D",
              "resize2dLayer(Method=\"nearest\")")
          .source("Keras's UpSampling, nearest")
          .member(
              "size",
              anyOf(
                  integer(1, WindowSpec.MAX),
                  array().sized(1, LayerTypes.MAX_AXES).of(integer(1, WindowSpec.MAX))),
              "Repetitions: one number, or one per axis.")
          .member("data_format", LayerTypes.dataFormat())
          .required("size")
          .input(8, 8, 4)
          .example("size", 2);
    }
  }

  /**
   * Elements from start up to end, end excluded, along one axis. Negative numbers count from the
   * end.
   *
   * @param end null for the axis's length
   */
  record Slice(int axis, int start, @Nullable Integer end) implements RearrangementSpec {
    static LayerSpec read(JsonObject layer) {
      int axis = layer.requiredInteger("axis", -LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1);
      int start = layer.integer("start", 0, -Integer.MAX_VALUE, Integer.MAX_VALUE);
      Integer end =
          layer.has("end")
              ? (Integer) layer.integer("end", 0, -Integer.MAX_VALUE, Integer.MAX_VALUE)
              : null;
      return new Slice(axis, start, end);
    }

    @Override
    public Shape output(LayerInputs inputs) {
      Shape input = inputs.only();
      int at = inputs.axis(axis, input);
      int length = input.axis(at);
      int first = start < 0 ? length + start : start;
      int last = end == null ? length : end < 0 ? length + end : end;
      if (first < 0 || last > length || first >= last) {
        throw inputs.fault(
            "takes %d to %s of axis %d, which has %d elements"
                .formatted(start, end == null ? "the end" : end, at, length));
      }
      return input.with(at, last - first);
    }

    @Override
    public boolean dropsElements() {
      return true;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("slice", "Elements of one axis from start up to end, end excluded.")
          .formula("y = x[start : end] along the axis")
          .shape("[..., n, ...] → [..., end − start, ...]")
          .names("torch.narrow", null, null)
          .source("NumPy's slices: negatives count from the end")
          .member(
              "axis",
              integer(-LayerTypes.MAX_AXES, LayerTypes.MAX_AXES - 1),
              "The axis, counted from 0 behind the batch; negatives count from the end.")
          .member(
              "start", integer(-Integer.MAX_VALUE, Integer.MAX_VALUE).or(0), "The first element.")
          .member(
              "end",
              integer(-Integer.MAX_VALUE, Integer.MAX_VALUE),
              "The element behind the last. Default: the axis's length.")
          .required("axis")
          .input(10, 2)
          .example("axis", 0)
          .example("start", -3);
    }
  }

  /** The last element of the first axis. Shapes: x [steps, ...], y [...]. */
  record LastStep() implements RearrangementSpec {
    @Override
    public Shape output(LayerInputs inputs) {
      return inputs.atLeast(2).row();
    }

    @Override
    public boolean dropsElements() {
      return true;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("last_step", "The last element of the first axis.")
          .formula("y = x[−1]")
          .shape("[steps, ...] → [...]")
          .names("x[:, -1]", null, "lstmLayer(OutputMode=\"last\")")
          .source("NumPy's indexing")
          .input(10, 2);
    }
  }

  /** The number for an axis of a list that may have one for all. */
  static int perAxis(List<Integer> numbers, int axis) {
    return numbers.get(numbers.size() == 1 ? 0 : axis);
  }

  /** A required list with a number per axis; null when the violations say why not. */
  private static @Nullable List<Integer> numbers(
      JsonObject layer, String member, int min, int max) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
      return null;
    }
    long before = layer.violations().count();
    List<Integer> numbers = layer.integers(member, min, max);
    if (numbers == null || layer.violations().count() > before) {
      return null;
    }
    if (numbers.isEmpty() || numbers.size() > LayerTypes.MAX_AXES) {
      layer.violate(
          member,
          "From 1 to %d axes were expected, got %d".formatted(LayerTypes.MAX_AXES, numbers.size()));
      return null;
    }
    return numbers;
  }

  private static Padding.Explicit sides(JsonObject layer, String member) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
    }
    return Padding.Explicit.read(layer, member, given(layer, member));
  }

  /** The number of axes that a member lists. */
  private static int given(JsonObject layer, String member) {
    JsonNode json = layer.get(member);
    return json != null && json.isArray() ? Math.clamp(json.size(), 1, LayerTypes.MAX_AXES) : 1;
  }

  /**
   * The input with another length of each axis except the channels.
   *
   * @param given the number of axes that the layer lists
   * @param length the new length by axis and old length
   */
  private static Shape spatial(
      DataFormat format, int given, LayerInputs inputs, IntBinaryOperator length) {
    Shape input = inputs.atLeast(2);
    List<Integer> spatial = format.spatial(input);
    if (given != 1 && given != spatial.size()) {
      throw inputs.fault(
          "lists %s, but '%s' gives %s with %d besides the channels"
              .formatted(LayerInputs.axes(given), inputs.firstName(), input, spatial.size()));
    }
    List<Integer> lengths = new ArrayList<>();
    for (int axis = 0; axis < spatial.size(); axis++) {
      lengths.add(length.applyAsInt(axis, spatial.get(axis)));
    }
    return format.row(format.channels(input), lengths);
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("reshape", Reshape::read);
    types.add("permute", Permute::read);
    types.add("repeat", Repeat::read);
    types.add("crop", Crop::read);
    types.add("zero_pad", ZeroPad::read);
    types.add("upsample", Upsample::read);
    types.add("slice", Slice::read);
    types.add("last_step", _ -> new LastStep());
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Moving elements",
        Reshape.described(),
        Permute.described(),
        Repeat.described(),
        Crop.described(),
        ZeroPad.described(),
        Upsample.described(),
        Slice.described(),
        LastStep.described());
  }
}
