package io.trainyard.store.profile;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Quantiles of all numbers, or of an even sample of them. The sample is drawn with algorithm L,
 * which skips ahead to the next number that it takes. Source: Li (1994), Reservoir-Sampling
 * Algorithms of Time Complexity O(n(1 + log(N/n))).
 */
final class QuantileSample {
  static final List<String> LEVELS = List.of("0.05", "0.25", "0.5", "0.75", "0.95");

  private static final int FIRST_CAPACITY = 16;

  private final int limit;
  private final SplittableRandom random = new SplittableRandom(1);
  private double[] sample = new double[FIRST_CAPACITY];
  private int size;
  private long seen;
  private long next;
  private double weight = 1;

  /** A sample of at most this many numbers. */
  QuantileSample(int limit) {
    this.limit = limit;
  }

  void add(double[] block, int count) {
    int taken = Math.min(count, limit - size);
    if (taken > 0) {
      if (size + taken > sample.length) {
        sample = Arrays.copyOf(sample, Math.clamp(2L * (size + taken), size + taken, limit));
      }
      System.arraycopy(block, 0, sample, size, taken);
      size += taken;
      seen += taken;
      if (size == limit) {
        next = seen - 1;
        skip();
      }
    }
    while (next < seen + count - taken && size == limit) {
      sample[random.nextInt(limit)] = block[(int) (next - seen) + taken];
      skip();
    }
    seen += count - taken;
  }

  private void skip() {
    weight *= Math.exp(Math.log(random.nextDouble(Double.MIN_NORMAL, 1)) / limit);
    next += (long) (Math.log(random.nextDouble(Double.MIN_NORMAL, 1)) / Math.log1p(-weight)) + 1;
  }

  /** By level, linear between the two nearest numbers, as NumPy has them; null without numbers. */
  @Nullable Map<String, Double> quantiles() {
    if (size == 0) {
      return null;
    }
    double[] sorted = Arrays.copyOf(sample, size);
    Arrays.sort(sorted);
    Map<String, Double> byLevel = new LinkedHashMap<>();
    for (String level : LEVELS) {
      double rank = Double.parseDouble(level) * (size - 1);
      double low = sorted[(int) rank];
      double high = sorted[Math.min(size - 1, (int) rank + 1)];
      double quantile = low + (high - low) * (rank - (int) rank);
      if (Double.isFinite(quantile)) {
        byLevel.put(level, quantile);
      }
    }
    return byLevel;
  }
}
