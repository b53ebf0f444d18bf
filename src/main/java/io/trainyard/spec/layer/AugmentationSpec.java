package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.array;
import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Layers that change images at random in training, each row by numbers of its own in each epoch.
 * They have no weights. At prediction and in evaluations they return their input, except for
 * random_crop, which then takes the middle.
 *
 * <p>Shapes: x [height, width, channels], or as the data format says; y is as x, except for
 * random_crop. Parameters and formulas are those of Keras's layers of these names.
 */
public sealed interface AugmentationSpec extends LayerSpec {
  DataFormat dataFormat();

  @Override
  default String type() {
    return "random_" + LayerSpec.super.type();
  }

  /** Whether it returns its input at prediction. */
  default boolean isIdentity() {
    return !(this instanceof Crop);
  }

  @Override
  default LayerShape infer(LayerInputs inputs) {
    Shape input = inputs.image(2, dataFormat());
    // The moved image, its two layouts, and the coordinates of each pixel.
    return inputs.unchanged(
        LayerCost.NONE.keepingInTraining(Math.multiplyExact(6, input.elements())));
  }

  /** Numbers are drawn uniformly from low to high. */
  record Range(double low, double high) {
    public Range {
      if (!(low <= high)) {
        throw new IllegalArgumentException(
            "[lower, upper] was expected, got [%s, %s]".formatted(low, high));
      }
    }

    /** This range, which must lie within limits. */
    Range within(double least, double most) {
      if (!(low >= least && high <= most)) {
        throw new IllegalArgumentException(
            "A factor from %s to %s was expected, got %s"
                .formatted(least, most, low == -high ? high : "[" + low + ", " + high + "]"));
      }
      return this;
    }

    /**
     * A number f, which stands for [−f, f], or [lower, upper].
     *
     * @return null when the violations say why not
     */
    static @Nullable Range read(JsonObject layer, String member, double least, double most) {
      List<Double> numbers = numbers(layer, member);
      if (numbers.isEmpty()) {
        return null;
      }
      double first = numbers.getFirst();
      return layer.build(
          layer.pointer(member),
          () ->
              (numbers.size() == 1
                      ? new Range(-Math.abs(first), Math.abs(first))
                      : new Range(first, numbers.getLast()))
                  .within(least, most));
    }
  }

  /** A number, or a list of two; empty when the violations say why not. */
  private static List<Double> numbers(JsonObject layer, String member) {
    JsonNode json = layer.get(member);
    if (json == null || !json.isArray()) {
      double number = layer.requiredNumber(member);
      return Double.isNaN(number) ? List.of() : List.of(number);
    }
    List<Double> numbers = new ArrayList<>();
    for (JsonNode number : json) {
      if (number.isNumber() && Double.isFinite(number.doubleValue())) {
        numbers.add(number.doubleValue());
      }
    }
    if (numbers.size() != 2 || json.size() != 2) {
      layer.violate(
          member,
          "A number or [lower, upper] was expected, got " + JsonObject.shorten(json.toString()));
      return List.of();
    }
    return numbers;
  }

  /**
   * Each row is mirrored, or not, with equal probability; for both directions independently.
   * Source: keras.layers.RandomFlip.
   */
  record Flip(Mode mode, DataFormat dataFormat) implements AugmentationSpec {
    /** {@code HORIZONTAL} swaps left and right. */
    public enum Mode {
      HORIZONTAL,
      VERTICAL,
      HORIZONTAL_AND_VERTICAL
    }

    static LayerSpec read(JsonObject layer, DataFormat format) {
      Mode mode = layer.choice("mode", Mode.HORIZONTAL_AND_VERTICAL);
      return new Flip(mode, layer.choice("data_format", format));
    }

    @Override
    public boolean movesElements() {
      return true;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("random_flip", "Mirrors images at random.")
          .formula(
              "each row is mirrored, or not, with equal probability; for both directions"
                  + " independently")
          .shape("[height, width, channels] → the same; only in training")
          .names(
              "torchvision.transforms.v2.RandomHorizontalFlip",
              "keras.layers.RandomFlip",
              "imageDataAugmenter(RandXReflection=true)")
          .source("Keras's RandomFlip")
          .member(
              "mode",
              choice("horizontal", "vertical", "horizontal_and_vertical")
                  .or("horizontal_and_vertical"),
              "horizontal swaps left and right.")
          .member("data_format", LayerTypes.dataFormat())
          .input(28, 28, 1)
          .example("mode", "horizontal");
    }
  }

  /** A layer that moves every pixel by an affine map, drawn for each row. */
  sealed interface Warp extends AugmentationSpec {
    Sampling sampling();
  }

  /**
   * How pixels between and beyond those of the image are found.
   *
   * @param value of pixels beyond the image under {@link Fill#CONSTANT}
   */
  record Sampling(Fill fill, double value, Interpolation interpolation) {
    /**
     * What is beyond the image: {@code CONSTANT} (k k | a b c | k k), {@code REFLECT} (b a | a b c
     * | c b), {@code WRAP} (b c | a b c | a b), {@code NEAREST} (a a | a b c | c c).
     */
    public enum Fill implements Word {
      CONSTANT,
      REFLECT,
      WRAP,
      NEAREST
    }

    /** Between pixels. */
    public enum Interpolation {
      NEAREST,
      BILINEAR
    }

    private static Sampling read(JsonObject layer) {
      Fill fill = layer.choice("fill_mode", Fill.REFLECT);
      double value = layer.number("fill_value", 0);
      if (value != 0 && fill != Fill.CONSTANT) {
        layer.violate(
            "fill_value",
            "fill_value is for \"fill_mode\": \"constant\", but fill_mode is " + fill.word());
      }
      return new Sampling(fill, value, layer.choice("interpolation", Interpolation.BILINEAR));
    }

    private static Described describe(Described layer) {
      return layer
          .member(
              "fill_mode",
              choice("constant", "reflect", "wrap", "nearest").or("reflect"),
              "What is beyond the image: its mirror image, a constant, the other side, or the"
                  + " nearest pixel.")
          .member("fill_value", number().or(0), "The constant; only for fill_mode constant.")
          .member("interpolation", choice("nearest", "bilinear").or("bilinear"), "Between pixels.");
    }
  }

  /**
   * Each row is turned around its middle by a share of a full turn, counter-clockwise when
   * positive. Source: keras.layers.RandomRotation.
   */
  record Rotation(Range factor, Sampling sampling, DataFormat dataFormat) implements Warp {
    /** Beyond it, a number means nothing. */
    private static final double MAX = 1e6;

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      Range factor = Range.read(layer, "factor", -MAX, MAX);
      if (factor != null && (factor.low() < -1 || factor.high() > 1)) {
        double degrees = factor.high();
        layer.violate(
            "factor",
            String.format(
                Locale.ROOT,
                "A share of a full turn from -1 to 1 was expected, got %s; %s degrees are %.3f",
                degrees,
                degrees,
                degrees / 360));
        factor = null;
      }
      Sampling sampling = Sampling.read(layer);
      DataFormat own = layer.choice("data_format", format);
      return factor == null ? null : new Rotation(factor, sampling, own);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("random_rotation", "Turns images at random.")
          .formula("each row is turned around its middle by u·360°, u uniform in the range")
          .shape("[height, width, channels] → the same; only in training")
          .names(
              "torchvision.transforms.v2.RandomRotation",
              "keras.layers.RandomRotation",
              "imageDataAugmenter(RandRotation=…)")
          .source("Keras's RandomRotation")
          .member(
              "factor",
              anyOf(
                  number().atLeast(-1).atMost(1),
                  array(number().atLeast(-1).atMost(1)).sized(2, 2)),
              "Shares of a full turn: f stands for [−f, f], else [lower, upper].")
          .members(Sampling::describe)
          .member("data_format", LayerTypes.dataFormat())
          .required("factor")
          .input(28, 28, 1)
          .example("factor", 0.05);
    }
  }

  /**
   * Each row is moved by shares of its height, down when positive, and of its width, to the right
   * when positive. Source: keras.layers.RandomTranslation.
   */
  record Translation(Range height, Range width, Sampling sampling, DataFormat dataFormat)
      implements Warp {
    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      Range height = Range.read(layer, "height_factor", -1, 1);
      Range width = Range.read(layer, "width_factor", -1, 1);
      Sampling sampling = Sampling.read(layer);
      DataFormat own = layer.choice("data_format", format);
      return height == null || width == null ? null : new Translation(height, width, sampling, own);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("random_translation", "Moves images at random.")
          .formula(
              "each row is moved by shares of its height (down) and width (right), uniform in the"
                  + " ranges")
          .shape("[height, width, channels] → the same; only in training")
          .names(
              "torchvision.transforms.v2.RandomAffine(translate=…)",
              "keras.layers.RandomTranslation",
              "imageDataAugmenter(RandXTranslation=…)")
          .source("Keras's RandomTranslation")
          .member(
              "height_factor",
              anyOf(
                  number().atLeast(-1).atMost(1),
                  array(number().atLeast(-1).atMost(1)).sized(2, 2)),
              "Shares of the height: f stands for [−f, f], else [lower, upper].")
          .member(
              "width_factor",
              anyOf(
                  number().atLeast(-1).atMost(1),
                  array(number().atLeast(-1).atMost(1)).sized(2, 2)),
              "Shares of the width, likewise.")
          .members(Sampling::describe)
          .member("data_format", LayerTypes.dataFormat())
          .required("height_factor", "width_factor")
          .input(28, 28, 1)
          .example("height_factor", 0.1)
          .example("width_factor", 0.1);
    }
  }

  /**
   * Each row shows 1 + factor times its height and width: positive factors make things smaller.
   * Source: keras.layers.RandomZoom.
   *
   * @param width null: as the height, by the same number
   */
  record Zoom(Range height, @Nullable Range width, Sampling sampling, DataFormat dataFormat)
      implements Warp {
    /** At −1 there would be nothing to see. */
    private static final double LEAST = -0.99;

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      Range height = Range.read(layer, "height_factor", LEAST, 10);
      boolean both = layer.has("width_factor");
      Range width = both ? Range.read(layer, "width_factor", LEAST, 10) : null;
      Sampling sampling = Sampling.read(layer);
      DataFormat own = layer.choice("data_format", format);
      return height == null || (both && width == null)
          ? null
          : new Zoom(height, width, sampling, own);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("random_zoom", "Makes images larger or smaller at random.")
          .formula(
              "each row shows 1 + factor times its height and width: positive factors make things"
                  + " smaller")
          .shape("[height, width, channels] → the same; only in training")
          .names(
              "torchvision.transforms.v2.RandomAffine(scale=…)",
              "keras.layers.RandomZoom",
              "imageDataAugmenter(RandScale=…)")
          .source("Keras's RandomZoom")
          .member(
              "height_factor",
              anyOf(
                  number().atLeast(-0.99).atMost(0.99),
                  array(number().atLeast(-0.99).atMost(10)).sized(2, 2)),
              "f stands for [−f, f], else [lower, upper].")
          .member(
              "width_factor",
              anyOf(
                  number().atLeast(-0.99).atMost(0.99),
                  array(number().atLeast(-0.99).atMost(10)).sized(2, 2)),
              "Default: as the height, by the same number.")
          .members(Sampling::describe)
          .member("data_format", LayerTypes.dataFormat())
          .required("height_factor")
          .input(28, 28, 1)
          .example("height_factor", List.of(-0.1, 0.1));
    }
  }

  /**
   * A part of each row of this height and width, at a random place; in the middle at prediction,
   * where an odd pixel is left below and to the right. Source: keras.layers.RandomCrop, without its
   * resizing of smaller images.
   */
  record Crop(int height, int width, DataFormat dataFormat) implements AugmentationSpec {
    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      long before = layer.violations().count();
      int height = layer.requiredInteger("height", 1, WindowSpec.MAX);
      int width = layer.requiredInteger("width", 1, WindowSpec.MAX);
      DataFormat own = layer.choice("data_format", format);
      return layer.violations().count() > before ? null : new Crop(height, width, own);
    }

    @Override
    public boolean movesElements() {
      return true;
    }

    @Override
    public boolean dropsElements() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.image(2, dataFormat);
      List<Integer> sides = dataFormat.spatial(input);
      if (height > sides.getFirst() || width > sides.getLast()) {
        throw inputs.fault(
            "takes %d × %d pixels, but '%s' has %d × %d"
                .formatted(height, width, inputs.firstName(), sides.getFirst(), sides.getLast()));
      }
      Shape output = dataFormat.row(dataFormat.channels(input), List.of(height, width));
      // The rows with their height cut, and the 64-bit places of the pixels.
      LayerCost cost = LayerCost.NONE.keepingInTraining(Math.multiplyExact(5, input.elements()));
      return inputs.weightless(output, input + " → " + output, cost);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "random_crop",
              "Takes a part of each image: at a random place in training, the middle at"
                  + " prediction.")
          .formula("y = x[top : top + height, left : left + width]")
          .shape("[h, w, channels] → [height, width, channels]")
          .names(
              "torchvision.transforms.v2.RandomCrop",
              "keras.layers.RandomCrop",
              "randomCropWindow2d")
          .source("Keras's RandomCrop, without its resizing")
          .member("height", integer(1, WindowSpec.MAX), "Rows of pixels taken.")
          .member("width", integer(1, WindowSpec.MAX), "Columns of pixels taken.")
          .member("data_format", LayerTypes.dataFormat())
          .required("height", "width")
          .input(28, 28, 1)
          .example("height", 24)
          .example("width", 24);
    }
  }

  /**
   * y = (x − mean)·c + mean for each row and channel, with the channel's mean over the pixels and c
   * from 1 − lower to 1 + upper; then clipped to the value range, if there is one. Source:
   * keras.layers.RandomContrast, which clips to [0, 255] by default.
   *
   * @param factor [−lower, upper]
   * @param range null: nothing is clipped
   */
  record Contrast(Range factor, @Nullable Range range, DataFormat dataFormat)
      implements AugmentationSpec {
    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      List<Double> numbers = numbers(layer, "factor");
      Range factor =
          numbers.isEmpty() ? null : layer.build(layer.pointer("factor"), () -> contrast(numbers));
      boolean clips = layer.has("value_range");
      List<Double> ends = clips ? numbers(layer, "value_range") : List.of();
      if (ends.size() == 1) {
        layer.violate("value_range", "[least, most] was expected, got " + ends.getFirst());
      }
      Range range =
          ends.size() == 2
              ? layer.build(
                  layer.pointer("value_range"), () -> new Range(ends.getFirst(), ends.getLast()))
              : null;
      DataFormat own = layer.choice("data_format", format);
      return factor == null || (clips && range == null) ? null : new Contrast(factor, range, own);
    }

    private static Range contrast(List<Double> numbers) {
      double lower = numbers.getFirst();
      double upper = numbers.getLast();
      if (!(lower >= 0 && lower <= 1 && upper >= 0 && upper <= 1)) {
        throw new IllegalArgumentException(
            "A factor from 0 to 1, or [lower, upper] of such, was expected, got %s; [0.2, 0.3] draws from 1 - 0.2 to 1 + 0.3"
                .formatted(numbers.size() == 1 ? lower : numbers));
      }
      return new Range(-lower, upper);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("random_contrast", "Changes the contrast of images at random.")
          .formula("y = (x − mean)·c + mean per row and channel, c from 1 − lower to 1 + upper")
          .shape("[height, width, channels] → the same; only in training")
          .names(
              "torchvision.transforms.v2.ColorJitter(contrast=…)",
              "keras.layers.RandomContrast",
              "jitterColorHSV(Contrast=…)")
          .source("Keras's RandomContrast, which clips to [0, 255] by default")
          .member(
              "factor",
              anyOf(
                  number().atLeast(0).atMost(1), array(number().atLeast(0).atMost(1)).sized(2, 2)),
              "f stands for [f, f], else [lower, upper].")
          .member(
              "value_range",
              array(number()).sized(2, 2),
              "[least, most]: results are clipped to it. Default: nothing is clipped.")
          .member("data_format", LayerTypes.dataFormat())
          .required("factor")
          .input(28, 28, 1)
          .example("factor", 0.2);
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("random_flip", Flip::read);
    types.add("random_rotation", Rotation::read);
    types.add("random_translation", Translation::read);
    types.add("random_zoom", Zoom::read);
    types.add("random_crop", Crop::read);
    types.add("random_contrast", Contrast::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Image augmentation",
        Flip.described(),
        Rotation.described(),
        Translation.described(),
        Zoom.described(),
        Crop.described(),
        Contrast.described());
  }
}
