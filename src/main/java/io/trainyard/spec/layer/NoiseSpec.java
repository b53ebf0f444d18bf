package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.number;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.tensor.DataFormat;
import org.jspecify.annotations.Nullable;

/**
 * Layers that add noise in training and return their input at prediction. Shapes: y is as x. They
 * have no weights.
 */
public sealed interface NoiseSpec extends LayerSpec {
  /**
   * In training each channel of a row becomes 0 with probability rate, else is divided by 1 − rate.
   * Source: torch.nn.Dropout2d; Keras's SpatialDropout.
   */
  record SpatialDropout(double rate, DataFormat dataFormat) implements NoiseSpec {
    public SpatialDropout {
      JsonObject.require(rate >= 0 && rate < 1, "rate must be in [0, 1)", rate);
    }

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      double rate = layer.requiredNumber("rate");
      DataFormat own = layer.choice("data_format", format);
      return Double.isNaN(rate)
          ? null
          : layer.build(layer.pointer("rate"), () -> new SpatialDropout(rate, own));
    }

    @Override
    public boolean isSampled() {
      return rate > 0;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      inputs.atLeast(2);
      return inputs.unchanged();
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("spatial_dropout", "Sets whole channels of a row to 0 in training.")
          .formula(
              "training: each channel becomes 0 with probability rate, else x/(1 − rate);"
                  + " prediction: y = x")
          .shape("[..., channels] → the same")
          .names("torch.nn.Dropout2d", "keras.layers.SpatialDropout2D", "spatialDropoutLayer")
          .source("Tompson et al. 2015")
          .member("rate", number().atLeast(0).below(1), "The probability that a channel becomes 0.")
          .member("data_format", LayerTypes.dataFormat())
          .required("rate")
          .input(8, 8, 4)
          .example("rate", 0.2);
    }
  }

  /**
   * In training y = x + std·z with a standard normal z per element. Source: Keras's GaussianNoise.
   */
  record GaussianNoise(double std) implements NoiseSpec {
    public GaussianNoise {
      JsonObject.require(std >= 0 && Double.isFinite(std), "std must be at least 0", std);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      double std = layer.requiredNumber("std");
      return Double.isNaN(std)
          ? null
          : layer.build(layer.pointer("std"), () -> new GaussianNoise(std));
    }

    @Override
    public boolean isSampled() {
      return std > 0;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      return inputs.unchanged(LayerCost.NONE.keepingInTraining(inputs.only().elements()));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("gaussian_noise", "Adds normal noise in training.")
          .formula(
              "training: y = x + std·z with a standard normal z per element; prediction: y = x")
          .shape("[...] → the same")
          .names(null, "keras.layers.GaussianNoise", null)
          .source("Keras's GaussianNoise")
          .member("std", number().atLeast(0), "The standard deviation.")
          .required("std")
          .input(4)
          .example("std", 0.1);
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("spatial_dropout", SpatialDropout::read);
    types.add("gaussian_noise", GaussianNoise::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of("layer", "Noise", SpatialDropout.described(), GaussianNoise.described());
  }
}
