package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
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
  }
}
