package io.trainyard.engine.survival;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The negative logarithm of Cox's partial likelihood, with Efron's treatment of tied events,
 * divided by the number of events.
 *
 * <p>For each time t with the d events D, and with R the rows whose time is at least t, the sum has
 * Σ over l = 0 … d−1 of log(Σ_R exp η − l/d · Σ_D exp η), less Σ_D η. Without an event the loss and
 * its gradient are 0. Times tie when they are equal as numbers of 32 bits. A row that leaves at t
 * without an event is still at risk at t. Source: Efron 1977; survival::coxph with ties = "efron".
 *
 * @param loss divided by the number of events
 * @param gradient of the loss by each row's log risk
 * @param rows each event's part of the sum, tied ones sharing their denominators; 0 of other rows
 */
@SuppressWarnings("ArrayRecordComponent")
public record PartialLikelihood(double loss, double[] gradient, double[] rows) {
  /**
   * Computes in float64.
   *
   * @param risks η, the log risk of each row
   * @param times of the rows
   * @param events 1 where a row's time is that of an event, 0 where it is censored
   */
  public static PartialLikelihood of(double[] risks, double[] times, double[] events) {
    int[] order =
        IntStream.range(0, risks.length)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> -times[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    return new Sums(order, risks, times, events).likelihood();
  }

  /** The rows by falling time, so that each row joins the rows at risk once. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Sums(int[] order, double[] risks, double[] times, double[] events) {
    PartialLikelihood likelihood() {
      double[] gradient = new double[risks.length];
      double[] rows = new double[risks.length];
      double loss = 0;
      int count = 0;
      LogSum atRisk = new LogSum();
      // By place in the order where a group of tied rows begins: −log of each denominator.
      double[][] inverse = new double[order.length][];
      for (int from = 0, to; from < order.length; from = to) {
        to = end(from);
        LogSum dead = new LogSum();
        int deaths = 0;
        for (int i = from; i < to; i++) {
          atRisk.add(risks[order[i]]);
          if (events[order[i]] > 0) {
            dead.add(risks[order[i]]);
            deaths++;
          }
        }
        inverse[from] = new double[deaths];
        double denominators = 0;
        for (int l = 0; l < deaths; l++) {
          double share = (double) l / deaths * Math.exp(dead.log() - atRisk.log());
          double denominator = atRisk.log() + Math.log1p(-share);
          denominators += denominator;
          inverse[from][l] = -denominator;
        }
        for (int i = from; i < to; i++) {
          if (events[order[i]] > 0) {
            rows[order[i]] = denominators / deaths - risks[order[i]];
            loss += rows[order[i]];
          }
        }
        count += deaths;
      }
      if (count == 0) {
        return new PartialLikelihood(0, gradient, rows);
      }
      addGradient(inverse, gradient);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] /= count;
      }
      return new PartialLikelihood(loss / count, gradient, rows);
    }

    private int end(int from) {
      int to = from + 1;
      while (to < order.length && times[order[to]] == times[order[from]]) {
        to++;
      }
      return to;
    }

    /** A row is in the denominators of all events at its own time and before it. */
    private void addGradient(double[][] inverse, double[] gradient) {
      LogSum before = new LogSum();
      for (int last = order.length - 1, from; last >= 0; last = from - 1) {
        from = last;
        while (inverse[from] == null) {
          from--;
        }
        double[] own = inverse[from];
        Arrays.stream(own).forEach(before::add);
        for (int i = from; i <= last; i++) {
          int row = order[i];
          double share = Math.exp(risks[row] + before.log());
          if (events[row] > 0) {
            share -= 1;
            for (int l = 1; l < own.length; l++) {
              share -= (double) l / own.length * Math.exp(risks[row] + own[l]);
            }
          }
          gradient[row] = share;
        }
      }
    }
  }

  /** log Σ exp x over the numbers added, without overflow; −∞ of none. */
  private static final class LogSum {
    private double largest = Double.NEGATIVE_INFINITY;
    private double sum;

    void add(double x) {
      if (x > largest) {
        sum = sum * Math.exp(largest - x) + 1;
        largest = x;
      } else {
        sum += Math.exp(x - largest);
      }
    }

    double log() {
      return sum == 0 ? Double.NEGATIVE_INFINITY : largest + Math.log(sum);
    }
  }
}
