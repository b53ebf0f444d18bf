package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers whose weights slide over one to three axes. Rows are {@code [..., channels]} or {@code
 * [channels, ...]} as the data format says.
 */
public sealed interface ConvolutionSpec extends LayerSpec {
  WindowSpec window();

  boolean bias();

  DataFormat dataFormat();

  /**
   * Correlation over 1, 2 or 3 axes.
   *
   * <p>Weights: weight [filters, in/groups, size...], bias [filters]. Source: torch.nn.Conv1d to
   * Conv3d.
   */
  record Convolution(
      int filters,
      WindowSpec window,
      int groups,
      boolean bias,
      ActivationSpec activation,
      WeightRules rules,
      DataFormat dataFormat)
      implements ConvolutionSpec {
    @Override
    public String type() {
      return "conv" + window.axes() + "d";
    }
  }

  /**
   * The transpose of a convolution over 2 axes.
   *
   * <p>Weights: weight [in, filters/groups, size...], bias [filters]. An axis of n elements becomes
   * n·stride with {@code same} padding, else (n − 1)·stride − before − after + dilation·(size − 1)
   * + output_padding + 1. Source: torch.nn.ConvTranspose2d.
   */
  record Transposed(
      int filters,
      WindowSpec window,
      List<Integer> outputPadding,
      int groups,
      boolean bias,
      ActivationSpec activation,
      WeightRules rules,
      DataFormat dataFormat)
      implements ConvolutionSpec {
    public Transposed {
      outputPadding = List.copyOf(outputPadding);
    }

    @Override
    public String type() {
      return "conv2d_transpose";
    }

    /** What becomes of axes of these lengths. */
    public List<Grown> grown(List<Integer> lengths) {
      List<Grown> grown = new ArrayList<>();
      for (int axis = 0; axis < lengths.size(); axis++) {
        grown.add(grown(axis, lengths.get(axis)));
      }
      return grown;
    }

    private Grown grown(int axis, int n) {
      int s = window.strides().get(axis);
      long reach = (long) window.dilation().get(axis) * (window.size().get(axis) - 1) + 1;
      long full = Math.multiplyExact(n - 1L, s) + reach;
      long before = 0;
      long after = 0;
      long extra = outputPadding.get(axis);
      switch (window.padding()) {
        case Padding.Valid _, Padding.Causal _ -> {}
        case Padding.Same _ -> {
          long total = Math.max(reach - s, 0);
          before = total / 2;
          after = total - before;
          extra = Math.max(s - reach, 0);
        }
        case Padding.Explicit explicit -> {
          before = explicit.before().get(axis);
          after = explicit.after().get(axis);
        }
      }
      return new Grown(
          n,
          s,
          reach,
          Math.toIntExact(before),
          Math.toIntExact(after),
          Math.toIntExact(extra),
          Math.toIntExact(full - before - after + extra));
    }
  }

  /**
   * One axis under a transposed convolution.
   *
   * @param before elements cut off in front
   * @param after elements cut off behind
   * @param extra elements added behind, which no weight reaches
   */
  record Grown(int length, int stride, long reach, int before, int after, int extra, int out) {
    String formula() {
      return "(%d − 1)·%d − %d − %d + %d + %d = %d"
          .formatted(length, stride, before, after, reach, extra, out);
    }
  }

  /**
   * Each channel convolved by itself, over 2 axes.
   *
   * <p>Weights: weight [in·multiplier, 1, size...], bias [in·multiplier]; the filters of a channel
   * lie side by side. Source: torch.nn.Conv2d with as many groups as channels.
   */
  record Depthwise(
      int multiplier,
      WindowSpec window,
      boolean bias,
      ActivationSpec activation,
      WeightRules rules,
      DataFormat dataFormat)
      implements ConvolutionSpec {
    @Override
    public String type() {
      return "depthwise_conv2d";
    }
  }

  /**
   * A depthwise convolution and then one of size 1 across channels.
   *
   * <p>Weights: depthwise.weight [in·multiplier, 1, size...], pointwise.weight [filters,
   * in·multiplier, 1, 1], pointwise.bias [filters].
   */
  record Separable(
      int filters,
      int multiplier,
      WindowSpec window,
      boolean bias,
      ActivationSpec activation,
      WeightRules rules,
      DataFormat dataFormat)
      implements ConvolutionSpec {
    @Override
    public String type() {
      return "separable_conv2d";
    }
  }
}
