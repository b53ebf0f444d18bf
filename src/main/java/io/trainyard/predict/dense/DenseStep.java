package io.trainyard.predict.dense;

import io.trainyard.spec.layer.ActivationSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a chain: y = f(x·Wᵀ + b), or y = f(x) without weights. Each sum starts at the bias
 * and adds the products in the order of the inputs, for one row as for many, so a row has the same
 * bits alone and in company.
 */
final class DenseStep {
  /** With fewer units, the products of one unit are added in a loop over the inputs. */
  private static final int WIDE = 16;

  /** Products that are added in one pass over the sums. */
  private static final int TOGETHER = 4;

  final String layer;
  final int width;
  final ActivationSpec activation;
  private final int in;

  /** [units, in]; null for a layer without weights. */
  private final float @Nullable [] weight;

  /** [in, units], for wide layers. */
  private final float @Nullable [] @Nullable [] transposed;

  private final float[] bias;

  private DenseStep(
      String layer,
      int in,
      int width,
      float @Nullable [] weight,
      float[] bias,
      ActivationSpec activation) {
    this.layer = layer;
    this.in = in;
    this.width = width;
    this.weight = weight;
    this.bias = bias;
    this.activation = activation;
    this.transposed = weight == null || width < WIDE ? null : transposed(weight, in, width);
  }

  /**
   * A dense layer.
   *
   * @param weight [units, in]
   * @param bias [units]; zeros for a layer without
   */
  static DenseStep dense(
      String layer, int in, float[] weight, float[] bias, ActivationSpec activation) {
    return new DenseStep(layer, in, bias.length, weight, bias, activation);
  }

  /** A layer that applies its activation only. */
  static DenseStep weightless(String layer, int width, ActivationSpec activation) {
    return new DenseStep(layer, width, width, null, new float[0], activation);
  }

  private static float[][] transposed(float[] weight, int in, int units) {
    float[][] result = new float[in][units];
    for (int unit = 0; unit < units; unit++) {
      for (int i = 0; i < in; i++) {
        result[i][unit] = weight[unit * in + i];
      }
    }
    return result;
  }

  long bytes() {
    long weights = weight == null ? 0 : weight.length;
    return (bias.length + (transposed == null ? weights : 2 * weights)) * Float.BYTES;
  }

  /** Computes one row's values before the activation. */
  void sums(float[] x, float[] y) {
    if (weight == null) {
      System.arraycopy(x, 0, y, 0, width);
    } else if (transposed != null) {
      wide(transposed, x, y);
    } else {
      narrow(weight, x, y);
    }
  }

  /**
   * Computes the values of a block before the activation.
   *
   * @param x [in, rows]
   * @param y [width, rows]
   */
  void sums(float[][] x, float[][] y, int rows) {
    if (weight == null) {
      for (int i = 0; i < width; i++) {
        System.arraycopy(x[i], 0, y[i], 0, rows);
      }
      return;
    }
    for (int unit = 0; unit < width; unit++) {
      Arrays.fill(y[unit], 0, rows, bias[unit]);
    }
    // Of inputs and sums, the smaller stay in the cache; each sum has the same order either way.
    if (width > in) {
      for (int unit = 0; unit < width; unit++) {
        for (int i = 0; i < in; i += TOGETHER) {
          add(weight, x, y[unit], rows, unit, i);
        }
      }
    } else {
      for (int i = 0; i < in; i += TOGETHER) {
        for (int unit = 0; unit < width; unit++) {
          add(weight, x, y[unit], rows, unit, i);
        }
      }
    }
  }

  /** Adds the products of the next inputs to a unit's sums. */
  private void add(float[] w, float[][] x, float[] sums, int rows, int unit, int first) {
    int at = unit * in + first;
    if (first + TOGETHER <= in) {
      add(
          sums,
          rows,
          w[at],
          x[first],
          w[at + 1],
          x[first + 1],
          w[at + 2],
          x[first + 2],
          w[at + 3],
          x[first + 3]);
      return;
    }
    for (int i = first; i < in; i++, at++) {
      add(sums, rows, w[at], x[i]);
    }
  }

  private void wide(float[][] w, float[] x, float[] y) {
    System.arraycopy(bias, 0, y, 0, width);
    int i = 0;
    for (; i + TOGETHER <= in; i += TOGETHER) {
      add(y, width, x[i], w[i], x[i + 1], w[i + 1], x[i + 2], w[i + 2], x[i + 3], w[i + 3]);
    }
    for (; i < in; i++) {
      add(y, width, x[i], w[i]);
    }
  }

  private static void add(
      float[] y,
      int count,
      float a,
      float[] ofA,
      float b,
      float[] ofB,
      float c,
      float[] ofC,
      float d,
      float[] ofD) {
    for (int j = 0; j < count; j++) {
      y[j] = y[j] + a * ofA[j] + b * ofB[j] + c * ofC[j] + d * ofD[j];
    }
  }

  private static void add(float[] y, int count, float a, float[] ofA) {
    for (int j = 0; j < count; j++) {
      y[j] += a * ofA[j];
    }
  }

  /** Four units at once: their sums do not wait for each other. */
  private void narrow(float[] w, float[] x, float[] y) {
    int unit = 0;
    for (; unit + 3 < width; unit += 4) {
      int first = unit * in;
      float a = bias[unit];
      float b = bias[unit + 1];
      float c = bias[unit + 2];
      float d = bias[unit + 3];
      for (int i = 0; i < in; i++) {
        float value = x[i];
        a += value * w[first + i];
        b += value * w[first + in + i];
        c += value * w[first + 2 * in + i];
        d += value * w[first + 3 * in + i];
      }
      y[unit] = a;
      y[unit + 1] = b;
      y[unit + 2] = c;
      y[unit + 3] = d;
    }
    for (; unit < width; unit++) {
      float sum = bias[unit];
      for (int i = 0; i < in; i++) {
        sum += x[i] * w[unit * in + i];
      }
      y[unit] = sum;
    }
  }
}
