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

  final String layer;
  final int width;
  final ActivationSpec activation;
  private final int in;

  /** [units, in]; null for a layer without weights. */
  private final float @Nullable [] weight;

  /** [in, units], for wide layers. */
  private final float @Nullable [] transposed;

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

  private static float[] transposed(float[] weight, int in, int units) {
    float[] result = new float[weight.length];
    for (int unit = 0; unit < units; unit++) {
      for (int i = 0; i < in; i++) {
        result[i * units + unit] = weight[unit * in + i];
      }
    }
    return result;
  }

  long bytes() {
    long elements = bias.length;
    elements += weight == null ? 0 : weight.length;
    elements += transposed == null ? 0 : transposed.length;
    return elements * Float.BYTES;
  }

  /**
   * Computes the values before the activation.
   *
   * @param x [in, rows]
   * @param y [width, rows]
   */
  void sums(float[] x, float[] y, int rows) {
    if (weight == null) {
      System.arraycopy(x, 0, y, 0, width * rows);
    } else if (rows > 1) {
      block(weight, x, y, rows);
    } else if (transposed != null) {
      wide(transposed, x, y);
    } else {
      narrow(weight, x, y);
    }
  }

  /** Four products at once: fewer passes over the sums, which the compiler vectorizes. */
  private void block(float[] w, float[] x, float[] y, int rows) {
    for (int unit = 0; unit < width; unit++) {
      int to = unit * rows;
      Arrays.fill(y, to, to + rows, bias[unit]);
      int at = unit * in;
      int i = 0;
      for (; i + 3 < in; i += 4, at += 4) {
        add(y, to, rows, x, i * rows, w[at], w[at + 1], w[at + 2], w[at + 3]);
      }
      for (; i < in; i++, at++) {
        add(y, to, rows, x, i * rows, w[at]);
      }
    }
  }

  private void wide(float[] w, float[] x, float[] y) {
    System.arraycopy(bias, 0, y, 0, width);
    int i = 0;
    for (; i + 3 < in; i += 4) {
      add(y, 0, width, w, i * width, x[i], x[i + 1], x[i + 2], x[i + 3]);
    }
    for (; i < in; i++) {
      add(y, 0, width, w, i * width, x[i]);
    }
  }

  private static void add(
      float[] y, int to, int count, float[] x, int from, float a, float b, float c, float d) {
    int second = from + count;
    int third = second + count;
    int fourth = third + count;
    for (int j = 0; j < count; j++) {
      y[to + j] =
          y[to + j] + a * x[from + j] + b * x[second + j] + c * x[third + j] + d * x[fourth + j];
    }
  }

  private static void add(float[] y, int to, int count, float[] x, int from, float a) {
    for (int j = 0; j < count; j++) {
      y[to + j] += a * x[from + j];
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
