package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
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
              "std must be a number above 0 that float32 holds with all its digits, from 1.2e-38 to 3.4e38, was "
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
  }
}
