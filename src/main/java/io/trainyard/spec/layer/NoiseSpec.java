package io.trainyard.spec.layer;

/** Layers that disturb while training and give their input at prediction. */
public sealed interface NoiseSpec extends LayerSpec {
  /** Whole channels of a row are 0 with probability rate, else times 1/(1 − rate). */
  record SpatialDropout(double rate, DataFormat dataFormat) implements NoiseSpec {
    public SpatialDropout {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("rate must be in [0, 1), was " + rate);
      }
    }

    @Override
    public String type() {
      return "spatial_dropout";
    }
  }

  /** Adds a normal number of mean 0 to each element. */
  record GaussianNoise(double std) implements NoiseSpec {
    public GaussianNoise {
      if (!(std >= 0 && Double.isFinite(std))) {
        throw new IllegalArgumentException("std must be at least 0, was " + std);
      }
    }

    @Override
    public String type() {
      return "gaussian_noise";
    }
  }
}
