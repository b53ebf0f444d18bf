package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.array;
import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.MemberSchema;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A window that slides over one to three axes: the geometry of convolutions and pools. */
public record WindowSpec(
    List<Integer> size, List<Integer> strides, List<Integer> dilation, Padding padding) {
  /** The largest size, stride, dilation or padding along one axis. */
  static final int MAX = 1 << 16;

  public WindowSpec {
    size = List.copyOf(size);
    strides = List.copyOf(strides);
    dilation = List.copyOf(dilation);
  }

  /** A convolution's window; null when the violations say why not. */
  static @Nullable WindowSpec convolution(JsonObject layer, int axes) {
    List<Integer> size = size(layer, "kernel_size", axes);
    List<Integer> strides = perAxis(layer, "strides", axes, ones(axes), 1);
    List<Integer> dilation = perAxis(layer, "dilation", axes, ones(axes), 1);
    Padding padding = padding(layer, axes, axes == 1);
    return size == null ? null : new WindowSpec(size, strides, dilation, padding);
  }

  /** A pool's window, whose strides default to its size; null when the violations say why not. */
  static @Nullable WindowSpec pool(JsonObject layer, int axes) {
    List<Integer> size = size(layer, "pool_size", axes);
    List<Integer> strides = perAxis(layer, "strides", axes, size == null ? ones(axes) : size, 1);
    Padding padding = padding(layer, axes, false);
    return size == null ? null : new WindowSpec(size, strides, ones(axes), padding);
  }

  /** From what shape to what shape a layer with a window over 1 to 3 axes leads. */
  static String describeShapes(int axes, String channels) {
    List<String> sizes =
        axes == 1 ? List.of("steps") : List.of("depth", "height", "width").subList(3 - axes, 3);
    return "[%s, channels] → [%s', %s]"
        .formatted(String.join(", ", sizes), String.join("', ", sizes), channels);
  }

  /** Adds the members of a convolution's window to a description. */
  static Described describeKernel(Described layer, int axes) {
    return layer
        .member(
            "kernel_size",
            MemberSchema.perAxis(1, MAX, axes),
            "Elements under the kernel: one number, or one per axis.")
        .member(
            "strides",
            MemberSchema.perAxis(1, MAX, axes).or(1),
            "Elements from one place of the kernel to the next.")
        .member("padding", paddings(axes, axes == 1))
        .member(
            "dilation",
            MemberSchema.perAxis(1, MAX, axes).or(1),
            "Elements from one of the kernel to its next.");
  }

  /** Adds the members of a pool's window to a description. */
  static Described describePool(Described layer, int axes) {
    return layer
        .member(
            "pool_size",
            MemberSchema.perAxis(1, MAX, axes),
            "Elements under the window: one number, or one per axis.")
        .member(
            "strides",
            MemberSchema.perAxis(1, MAX, axes),
            "Elements from one place of the window to the next. Default: pool_size.")
        .member("padding", paddings(axes, false));
  }

  private static MemberSchema paddings(int axes, boolean causal) {
    MemberSchema words = causal ? choice("valid", "same", "causal") : choice("valid", "same");
    MemberSchema pair = array(integer(0, MAX)).sized(2, 2);
    return anyOf(
            words,
            integer(0, MAX),
            array(integer(0, MAX)).sized(axes, axes),
            array(pair).sized(axes, axes))
        .or("valid")
        .says(
            "Elements added around the window's axes: valid (none), same (the output has ⌈n/stride⌉"
                + " elements), "
                + (causal
                    ? "causal (all before, so that no output depends on later elements), "
                    : "")
                + "a number for both ends, one per axis, or [before, after] per axis.");
  }

  private static @Nullable List<Integer> size(JsonObject layer, String member, int axes) {
    if (!layer.has(member)) {
      layer.violate(member, "'" + member + "' is required");
      return null;
    }
    return perAxis(layer, member, axes, ones(axes), 1);
  }

  /** One number for all axes, or one for each. */
  static List<Integer> perAxis(
      JsonObject layer, String member, int axes, List<Integer> fallback, int min) {
    JsonNode json = layer.get(member);
    if (json == null) {
      return fallback;
    }
    if (!json.isArray()) {
      return Collections.nCopies(axes, layer.integer(member, min, min, MAX));
    }
    List<Integer> numbers = layer.integers(member, min, MAX);
    if (numbers == null || numbers.size() != axes) {
      layer.violate(
          member,
          "One number, or a list of %d, was expected, got a list of %d"
              .formatted(axes, json.size()));
      return fallback;
    }
    return numbers;
  }

  private static Padding padding(JsonObject layer, int axes, boolean mayBeCausal) {
    JsonNode json = layer.get("padding");
    if (json == null) {
      return new Padding.Valid();
    }
    if (json.isString()) {
      return padding(layer, json.stringValue(), mayBeCausal);
    }
    return Padding.Explicit.read(layer, "padding", axes);
  }

  private static Padding padding(JsonObject layer, String name, boolean mayBeCausal) {
    if (name.equals("same")) {
      return new Padding.Same();
    }
    if (name.equals("causal") && mayBeCausal) {
      return new Padding.Causal();
    }
    if (!name.equals("valid")) {
      layer.violate(
          "padding",
          "valid, same, %sa number, [p, …] or [[before, after], …] was expected, got '%s'%s"
              .formatted(
                  mayBeCausal ? "causal, " : "",
                  JsonObject.shorten(name),
                  NameAdvice.of(
                      name,
                      mayBeCausal
                          ? List.of("valid", "same", "causal")
                          : List.of("valid", "same"))));
    }
    return new Padding.Valid();
  }

  private static List<Integer> ones(int axes) {
    return Collections.nCopies(axes, 1);
  }

  public int axes() {
    return size.size();
  }

  /** Elements under the window. */
  public long volume() {
    long volume = 1;
    for (int length : size) {
      volume = Math.multiplyExact(volume, length);
    }
    return volume;
  }

  /** The sizes as a product, for formulas: {@code 3·3}. */
  String sizes() {
    return size.stream().map(String::valueOf).collect(Collectors.joining("·"));
  }

  /** The window over axes of these lengths. */
  public List<Span> spans(List<Integer> lengths) {
    return IntStream.range(0, axes()).mapToObj(axis -> span(axis, lengths.get(axis))).toList();
  }

  private Span span(int axis, int length) {
    int k = size.get(axis);
    int s = strides.get(axis);
    int d = dilation.get(axis);
    long reach = (long) d * (k - 1) + 1;
    long before = 0;
    long after = 0;
    switch (padding) {
      case Padding.Valid _ -> {}
      case Padding.Causal _ -> before = reach - 1;
      case Padding.Same _ -> {
        long out = Math.ceilDiv(length, s);
        long total = Math.max((out - 1) * s + reach - length, 0);
        before = total / 2;
        after = total - before;
      }
      case Padding.Explicit explicit -> {
        before = explicit.before().get(axis);
        after = explicit.after().get(axis);
      }
    }
    return new Span(length, k, s, d, Math.toIntExact(before), Math.toIntExact(after));
  }

  /** The window over each axis of a layer's one input; throws when it does not fit. */
  List<Span> spans(LayerInputs inputs, DataFormat format) {
    Shape input = inputs.image(axes(), format);
    List<Span> spans = spans(format.spatial(input));
    for (int axis = 0; axis < spans.size(); axis++) {
      Span span = spans.get(axis);
      if (span.out() < 1) {
        throw inputs.fault(
            "reaches over %d elements, but '%s' gives %s: axis %d has %d, with padding %d; use a smaller window, or \"padding\": \"same\""
                .formatted(
                    span.reach(),
                    inputs.firstName(),
                    input,
                    format == DataFormat.CHANNELS_LAST ? axis : axis + 1,
                    span.length(),
                    (long) span.length() + span.before() + span.after()));
      }
    }
    return spans;
  }

  /**
   * The window along one axis.
   *
   * @param before padding before the axis's first element
   * @param after padding after its last element
   */
  public record Span(int length, int size, int stride, int dilation, int before, int after) {
    /** Elements from the window's first to its last, both included. */
    public long reach() {
      return (long) dilation * (size - 1) + 1;
    }

    /** Positions of the window, which is the output's length; below 1 when it does not fit. */
    public int out() {
      return Math.toIntExact(Math.floorDiv((long) length + before + after - reach(), stride) + 1);
    }

    private String formula() {
      return "floor((%d + %d + %d − %d·(%d − 1) − 1)/%d) + 1 = %d"
          .formatted(length, before, after, dilation, size, stride, out());
    }

    /** How the output's lengths are computed. */
    static String formulas(List<Span> spans) {
      return spans.stream().map(Span::formula).collect(Collectors.joining(", "));
    }

    /**
     * Whether the kernel can pad, because both ends get the same. libtorch's mean over three axes
     * refuses an axis shorter than the window, even if padding makes it long enough.
     */
    public static boolean padsInKernel(List<Span> spans) {
      return spans.stream()
          .allMatch(
              span ->
                  span.before() == span.after()
                      && (spans.size() < 3 || span.length() >= span.size()));
    }

    /** Elements of the padded copy of a row; 0 when the kernel pads. */
    static long copied(List<Span> spans, int channels) {
      return padsInKernel(spans) ? 0 : padded(spans, channels);
    }

    private static long padded(List<Span> spans, int channels) {
      long elements = channels;
      for (Span span : spans) {
        long length = (long) span.length() + span.before() + span.after();
        elements = Math.multiplyExact(elements, length);
      }
      return elements;
    }

    /** A row of this many channels over the outputs of all spans. */
    static Shape output(int channels, List<Span> spans, DataFormat format) {
      return format.row(channels, spans.stream().map(Span::out).toList());
    }
  }
}
