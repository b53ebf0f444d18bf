package io.trainyard.dataset.encoding;

import io.trainyard.spec.training.Scores;
import java.util.Arrays;
import java.util.List;

/** How the probabilities of a class are corrected, as learned on rows that were not trained on. */
public sealed interface Calibration {
  /** The smallest share that has a logarithm: a network that flushes denormals gives no smaller. */
  double LEAST = Float.MIN_NORMAL;

  /** What 1 less a single unit is at least: half of the space below 1. */
  double LEAST_REST = 0x1p-25;

  /** The rows that it was learned on. */
  int rows();

  /** Whether the sets of classes were learned on the same rows. */
  boolean assumed();

  /**
   * Corrects the probabilities of one row.
   *
   * @param outputs of the row: one for each class, or a single unit for the second of two
   * @param shares what they say; takes what is answered
   */
  void correct(double[] outputs, Scores scores, float[] shares);

  /** softmax(z / temperature) of the logits z. */
  record Temperature(double temperature, int rows, boolean assumed) implements Calibration {
    public Temperature {
      if (!(temperature > 0) || Double.isInfinite(temperature)) {
        throw new IllegalArgumentException(
            "temperature must be a finite number above 0, was " + temperature);
      }
    }

    @Override
    public void correct(double[] outputs, Scores scores, float[] shares) {
      double[] logits = logits(outputs, scores);
      double largest = Double.NEGATIVE_INFINITY;
      for (double logit : logits) {
        largest = Math.max(largest, logit);
      }
      double sum = 0;
      for (int i = 0; i < logits.length; i++) {
        logits[i] = Math.exp((logits[i] - largest) / temperature);
        sum += logits[i];
      }
      for (int i = 0; i < logits.length; i++) {
        shares[i] = (float) (logits[i] / sum);
      }
    }
  }

  /** A curve for each class, held within 1/(2n) and its counterpart, then divided by their sum. */
  record Isotonic(List<Curve> curves, int rows, boolean assumed) implements Calibration {
    public Isotonic {
      curves = List.copyOf(curves);
    }

    @Override
    public void correct(double[] outputs, Scores scores, float[] shares) {
      double least = 1 / (2.0 * rows);
      double[] risen = new double[shares.length];
      double sum = 0;
      for (int i = 0; i < shares.length; i++) {
        double own = curves.get(i).at(shares[i]);
        risen[i] = Double.isNaN(own) ? own : Math.clamp(own, least, 1 - least);
        sum += risen[i];
      }
      for (int i = 0; i < shares.length; i++) {
        shares[i] = (float) (risen[i] / sum);
      }
    }
  }

  /**
   * A rising curve through points, straight between them and level outside.
   *
   * @param x rising
   * @param y not falling
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Curve(double[] x, double[] y) {
    public Curve {
      if (x.length == 0 || x.length != y.length) {
        throw new IllegalArgumentException(
            "x and y must have as many numbers, at least one: %d and %d"
                .formatted(x.length, y.length));
      }
      for (int i = 1; i < x.length; i++) {
        if (!(x[i] > x[i - 1]) || !(y[i] >= y[i - 1])) {
          throw new IllegalArgumentException(
              "x must rise and y must not fall: at " + i + " they are " + x[i] + " and " + y[i]);
        }
      }
      x = x.clone();
      y = y.clone();
    }

    double at(double p) {
      if (Double.isNaN(p)) {
        return p;
      }
      int last = x.length - 1;
      if (p <= x[0] || p >= x[last]) {
        return p <= x[0] ? y[0] : y[last];
      }
      int found = Arrays.binarySearch(x, p);
      int low = found >= 0 ? found : -found - 2;
      int high = low + 1;
      return y[low] + (y[high] - y[low]) * (p - x[low]) / (x[high] - x[low]);
    }
  }

  /** The logits of the classes, up to a number that all have in common. */
  static double[] logits(double[] outputs, Scores scores) {
    if (outputs.length == 1) {
      double unit = outputs[0];
      return scores == Scores.LOGIT
          ? new double[] {0, unit}
          : new double[] {
            Math.log(Math.max(1 - unit, LEAST_REST)), Math.log(Math.max(unit, LEAST))
          };
    }
    double[] logits = outputs.clone();
    if (scores != Scores.LOGIT) {
      for (int i = 0; i < logits.length; i++) {
        logits[i] = Math.log(Math.max(logits[i], LEAST));
      }
    }
    return logits;
  }
}
