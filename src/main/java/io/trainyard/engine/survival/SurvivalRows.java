package io.trainyard.engine.survival;

import io.trainyard.tensor.HostTensor;
import java.util.Arrays;

/**
 * The log risks, times and events of rows that are compared with one another, as numbers of 32
 * bits: those of predictions.
 */
public final class SurvivalRows {
  private float[] risks = {};
  private float[] times = {};
  private boolean[] events = {};
  private int count;

  /** Adds a row. */
  public void add(double risk, double time, double event) {
    if (count == risks.length) {
      int capacity = Math.max(16, count + count / 2);
      risks = Arrays.copyOf(risks, capacity);
      times = Arrays.copyOf(times, capacity);
      events = Arrays.copyOf(events, capacity);
    }
    risks[count] = (float) risk;
    times[count] = (float) time;
    events[count++] = event > 0;
  }

  /**
   * Adds rows.
   *
   * @param output one number for each row
   * @param target a time and an event for each row
   */
  public void add(HostTensor output, HostTensor target) {
    long rows = output.shape().elements();
    for (long i = 0; i < rows; i++) {
      add(output.doubleAt(i), target.doubleAt(2 * i), target.doubleAt(2 * i + 1));
    }
  }

  /** Adds the rows of another part. */
  public void addAll(SurvivalRows other) {
    for (int i = 0; i < other.count; i++) {
      add(other.risks[i], other.times[i], other.events[i] ? 1 : 0);
    }
  }

  public void clear() {
    count = 0;
  }

  public boolean hasFiniteRisks() {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(risks[i])) {
        return false;
      }
    }
    return true;
  }

  /** Risk, time and event of each row, for {@link #restore}. */
  public double[] toDoubles() {
    double[] all = new double[3 * count];
    for (int i = 0; i < count; i++) {
      all[3 * i] = risks[i];
      all[3 * i + 1] = times[i];
      all[3 * i + 2] = events[i] ? 1 : 0;
    }
    return all;
  }

  /** Replaces all rows by those that {@link #toDoubles} gave. */
  public void restore(double[] stored) {
    clear();
    for (int i = 0; i < stored.length; i += 3) {
      add(stored[i], stored[i + 1], stored[i + 2]);
    }
  }

  /** Of all rows together. */
  public PartialLikelihood likelihood() {
    double[] eta = new double[count];
    double[] own = new double[count];
    double[] event = new double[count];
    for (int i = 0; i < count; i++) {
      eta[i] = risks[i];
      own[i] = times[i];
      event[i] = events[i] ? 1 : 0;
    }
    return PartialLikelihood.of(eta, own, event);
  }

  /**
   * Harrell's C: of the pairs whose order is known, the share in which the row with the earlier
   * event has the higher risk; equal risks count one half. NaN without such a pair.
   *
   * <p>The order of two rows is known when the one with the smaller time has an event, or when
   * their times are equal and exactly one of them has an event: the other one outlived it. Two
   * events at one time say nothing. Source: Harrell et al. 1982;
   * sksurv.metrics.concordance_index_censored.
   */
  public double concordance() {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    // From late to early; at one time the censored first, which outlive the events.
    Arrays.sort(
        order,
        (a, b) ->
            times[a] != times[b]
                ? Float.compare(times[b], times[a])
                : Boolean.compare(events[a], events[b]));
    float[] sorted = Arrays.copyOf(risks, count);
    Arrays.sort(sorted);
    if (count > 0 && Float.isNaN(sorted[count - 1])) {
      return Double.NaN;
    }
    RankCounts later = new RankCounts(sorted);
    double concordant = 0;
    double pairs = 0;
    for (int from = 0, to; from < count; from = to) {
      to = from + 1;
      while (to < count
          && times[order[to]] == times[order[from]]
          && events[order[to]] == events[order[from]]) {
        to++;
      }
      for (int i = from; i < to && events[order[from]]; i++) {
        float risk = risks[order[i]];
        double below = later.below(risk);
        concordant += below + 0.5 * (later.upTo(risk) - below);
        pairs += later.all();
      }
      for (int i = from; i < to; i++) {
        later.add(risks[order[i]]);
      }
    }
    return pairs == 0 ? Double.NaN : concordant / pairs;
  }

  /** Counts numbers by rank in logarithmic time. Source: Fenwick 1994. */
  private static final class RankCounts {
    private final float[] sorted;
    private final int[] tree;
    private int all;

    /**
     * @param sorted all numbers that will be added or asked for
     */
    RankCounts(float[] sorted) {
      this.sorted = sorted;
      tree = new int[sorted.length + 1];
    }

    void add(float number) {
      all++;
      for (int i = first(number) + 1; i < tree.length; i += i & -i) {
        tree[i]++;
      }
    }

    int all() {
      return all;
    }

    /** The numbers added that are smaller. */
    int below(float number) {
      return sum(first(number));
    }

    /** The numbers added that are not larger. */
    int upTo(float number) {
      return sum(first(number) + 1);
    }

    private int sum(int places) {
      int sum = 0;
      for (int i = places; i > 0; i -= i & -i) {
        sum += tree[i];
      }
      return sum;
    }

    /** The first place of a number; equal ones share it. */
    private int first(float number) {
      int low = 0;
      int high = sorted.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (sorted[middle] < number) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }
}
