package io.trainyard.store.duckdb;

import org.jspecify.annotations.Nullable;

/**
 * Mean and standard deviation of numbers that come in blocks. Each block has its mean and its sum
 * of squared deviations M = Σ(x − mean)². Two blocks join to M = M₁ + M₂ + d²·n₁·n₂/(n₁ + n₂),
 * where d is the difference of their means. Source: Chan, Golub, LeVeque (1979).
 */
final class Moments {
  private long count;
  private double mean;
  private double squares;

  /** The sum of whole numbers in 128 bits: the mean is exact up to one rounding. */
  private long sumLow;

  private long sumHigh;
  private boolean whole = true;

  void add(double[] block, int size) {
    whole = false;
    join(block, size);
  }

  void add(long[] block, double[] asDoubles, int size) {
    for (int i = 0; i < size; i++) {
      long low = sumLow + block[i];
      sumHigh += (block[i] >> 63) + (Long.compareUnsigned(low, sumLow) < 0 ? 1 : 0);
      sumLow = low;
    }
    join(asDoubles, size);
  }

  private void join(double[] block, int size) {
    if (size == 0) {
      return;
    }
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += block[i];
    }
    double blockMean = sum / size;
    double blockSquares = 0;
    for (int i = 0; i < size; i++) {
      double deviation = block[i] - blockMean;
      blockSquares += deviation * deviation;
    }
    double difference = blockMean - mean;
    long joined = count + size;
    mean += difference * size / joined;
    squares += blockSquares + difference * difference * count / joined * size;
    count = joined;
  }

  /** The mean; null without a number, or when it is beyond the range of a double. */
  @Nullable Double mean() {
    return finite(whole ? wholeSum() / count : mean);
  }

  private double wholeSum() {
    double low = (sumLow >>> 1) * 2.0 + (sumLow & 1);
    return sumHigh == 0 || (sumHigh == -1 && sumLow < 0)
        ? (sumHigh == 0 ? low : sumLow)
        : sumHigh * 0x1p64 + low;
  }

  /** The standard deviation, which divides by n; null like the mean. */
  @Nullable Double std() {
    return finite(Math.sqrt(squares / count));
  }

  private static @Nullable Double finite(double number) {
    return Double.isFinite(number) ? (Double) number : null;
  }
}
