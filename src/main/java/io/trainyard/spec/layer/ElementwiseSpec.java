package io.trainyard.spec.layer;

import java.util.List;

/** Layers that act on each element by itself with numbers of their own. */
public sealed interface ElementwiseSpec extends LayerSpec {
  /**
   * x for x ≥ 0, else a·x with one learned a.
   *
   * <p>Weights: weight [1], first 0.25. Source: torch.nn.PReLU.
   */
  record PRelu() implements ElementwiseSpec {
    @Override
    public String type() {
      return "prelu";
    }
  }

  /** (x − mean)/std with given numbers: one for all, or one per channel. */
  record Normalize(List<Double> mean, List<Double> std, DataFormat dataFormat)
      implements ElementwiseSpec {
    public Normalize {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      for (double width : std) {
        if (!(width > 0)) {
          throw new IllegalArgumentException("std must be above 0, was " + width);
        }
      }
    }

    @Override
    public String type() {
      return "normalize";
    }
  }
}
