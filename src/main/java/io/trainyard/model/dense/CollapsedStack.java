package io.trainyard.model.dense;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * A stack of dense layers without a nonlinearity between them, collapsed into the one layer that it
 * equals: W = Wₙ…W₂W₁ and b = Wₙ(…(W₂b₁ + b₂)…) + bₙ.
 *
 * @param layers from input to output
 * @param input the layer or input that the first one reads
 * @param activation of the last layer
 * @param weight [out][in]
 */
@SuppressWarnings("ArrayRecordComponent")
public record CollapsedStack(
    List<String> layers, String input, String activation, double[][] weight, double[] bias) {
  public CollapsedStack {
    layers = List.copyOf(layers);
  }

  /** The stacks of a version, in layer order. */
  public static List<CollapsedStack> of(
      VersionDefinition definition, Map<String, HostTensor> weights) {
    return new DenseLayers(definition.spec().network(), weights)
        .linearStacks().stream().map(CollapsedStack::of).toList();
  }

  private static CollapsedStack of(List<DenseLayers.Dense> stack) {
    double[][] weight = stack.getFirst().weight();
    double[] bias = stack.getFirst().bias();
    for (DenseLayers.Dense next : stack.subList(1, stack.size())) {
      requireFew(next, (long) next.weight().length * weight[0].length);
      bias = plus(times(next.weight(), bias), next.bias());
      weight = times(next.weight(), weight);
    }
    return new CollapsedStack(
        stack.stream().map(DenseLayers.Dense::name).toList(),
        stack.getFirst().source(),
        stack.getLast().function(),
        weight,
        bias);
  }

  /** Two narrow layers can have a large product: [2, n] and [n, 2] give [n, n]. */
  private static void requireFew(DenseLayers.Dense last, long elements) {
    if (elements > DenseLayers.MAX_ELEMENTS) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "The stack that ends at '%s' has a product of %d weights and at most %d are shown"
              .formatted(last.name(), elements, DenseLayers.MAX_ELEMENTS));
    }
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] product = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < b[0].length; j++) {
          product[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return product;
  }

  private static double[] times(double[][] a, double[] x) {
    double[] product = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < x.length; j++) {
        product[i] += a[i][j] * x[j];
      }
    }
    return product;
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}
