package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.array;
import static io.trainyard.spec.description.MemberSchema.bool;
import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.ref;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Layers that compute each element from itself and from numbers of the layer. */
public sealed interface ElementwiseSpec extends LayerSpec {
  /**
   * y = x for x ≥ 0, else a·x with one learned a, for all or per channel.
   *
   * <p>Shapes: y is as x. Weights: weight [1] or [channels], which starts at 0.25 unless the
   * initializer says otherwise. Source: torch.nn.PReLU.
   */
  record PRelu(boolean perChannel, DataFormat dataFormat, WeightRules rules)
      implements ElementwiseSpec {
    static LayerSpec read(JsonObject layer, DataFormat format) {
      return new PRelu(
          layer.bool("per_channel", false),
          layer.choice("data_format", format),
          WeightRules.readSlope(layer, 0.25));
    }

    @Override
    public boolean isActivation() {
      return true;
    }

    @Override
    public boolean isRegularized(WeightSpec weight) {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = perChannel ? inputs.atLeast(1) : inputs.only();
      int slopes = perChannel ? dataFormat.channels(input) : 1;
      return new LayerShape(
          inputs.shapes(),
          input,
          List.of(inputs.weight("weight", rules.initializer(), 1, 1, slopes)),
          "as the input: " + input + "; parameters " + slopes,
          LayerCost.of(input.elements()));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("prelu", "relu with a learned slope below 0.")
          .formula("y = x for x ≥ 0, else a·x with a learned a: one for all, or one per channel")
          .shape("[...] → the same")
          .names(
              "torch.nn.PReLU",
              "keras.layers.PReLU (a slope per element there, unless shared_axes)",
              "preluLayer")
          .source("He et al. 2015; a starts at 0.25")
          .member(
              "per_channel", bool(false), "A slope for each channel, as num_parameters in PyTorch.")
          .member("data_format", LayerTypes.dataFormat())
          .member("initializer", ref("ScaleInitializer"), "The first slope; 0.25 by default.")
          .member("regularizer", ref("Regularizer"), "Penalties on the slope.")
          .member("constraint", ref("Constraint"), "A limit that every step keeps.")
          .input(4);
    }
  }

  /**
   * y = (x − mean)/std with given numbers: one for all, or one per channel. Shapes: y is as x.
   * Source: Keras's Normalization, with std instead of variance.
   */
  record Normalize(List<Double> mean, List<Double> std, DataFormat dataFormat)
      implements ElementwiseSpec {
    public Normalize {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      for (double shift : mean) {
        JsonObject.require(
            Math.abs(shift) <= Float.MAX_VALUE, "mean must be a number that float32 holds", shift);
      }
      for (double width : std) {
        if (!(width >= Float.MIN_NORMAL && width <= Float.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "std must be a number above 0 that float32 holds with all its digits, from 1.2e-38 to"
                  + " 3.4e38, was "
                  + width);
        }
      }
    }

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      long before = layer.violations().count();
      List<Double> mean = numbers(layer, "mean");
      List<Double> std = numbers(layer, "std");
      DataFormat own = layer.choice("data_format", format);
      return layer.violations().count() > before
          ? null
          : layer.build(() -> new Normalize(mean, std, own));
    }

    private static List<Double> numbers(JsonObject layer, String member) {
      JsonNode json = layer.get(member);
      if (json == null || !json.isArray()) {
        return List.of(layer.requiredNumber(member));
      }
      List<Double> numbers = new ArrayList<>();
      for (int i = 0; i < json.size(); i++) {
        JsonNode number = json.get(i);
        if (number.isNumber() && Double.isFinite(number.doubleValue())) {
          numbers.add(number.doubleValue());
        } else {
          layer.violate(member, i, "A number was expected, got " + JsonObject.describe(number));
        }
      }
      if (json.isEmpty()) {
        layer.violate(member, "At least one number was expected, got an empty list");
      }
      return numbers;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.atLeast(1);
      int channels = dataFormat.channels(input);
      for (int given : new int[] {mean.size(), std.size()}) {
        if (given != 1 && given != channels) {
          throw inputs.fault(
              "has %d numbers for the %d channels of %s".formatted(given, channels, input));
        }
      }
      // The difference, before it is divided.
      return inputs.unchanged(LayerCost.of(input.elements()).keeping(input.elements()));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("normalize", "Subtracts given means and divides by given deviations.")
          .formula("y = (x − mean)/std")
          .shape("[..., channels] → the same")
          .names(
              "torchvision.transforms.v2.Normalize",
              "keras.layers.Normalization (variance there, std here)",
              "imageInputLayer(Normalization=\"zscore\")")
          .source("Keras's Normalization")
          .member(
              "mean",
              anyOf(number(), array(number()).with("minItems", 1)),
              "One number for all, or one per channel.")
          .member(
              "std",
              anyOf(
                  number().atLeast(1.1754943508222875e-38),
                  array(number().atLeast(1.1754943508222875e-38)).with("minItems", 1)),
              "One number for all, or one per channel; above 0.")
          .member("data_format", LayerTypes.dataFormat())
          .required("mean", "std")
          .input(28, 28, 1)
          .example("mean", 127.5)
          .example("std", 127.5);
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("prelu", PRelu::read);
    types.add("normalize", Normalize::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of("layer", "Elementwise layers", PRelu.described(), Normalize.described());
  }
}
