package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
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
  }
}
