package io.trainyard.store.profile;

import org.jspecify.annotations.Nullable;

/**
 * Mean and standard deviation of numbers that come in blocks. Each block has its mean and its sum
 * of squared deviations M = Σ(x − mean)². Two blocks join to M = M₁ + M₂ + d²·n₁·n₂/(n₁ + n₂),
 * where d is the difference of their means. Source: Chan, Golub, LeVeque (1979).
 */
public final class Moments {
  private long count;
  private double mean;
  private double squares;

  /** The sum of whole numbers in 128 bits: the mean is exact up to one rounding. */
  private long sumLow;

  private long sumHigh;
  private boolean whole = true;

  public void add(double[] block, int size) {
    whole = false;
    join(block, size);
  }

  public void add(long[] block, double[] asDoubles, int size) {
    for (int i = 0; i < size; i++) {
      long low = sumLow + block[i];
      sumHigh += (block[i] >> 63) + (Long.compareUnsigned(low, sumLow) < 0 ? 1 : 0);
      sumLow = low;
    }
    join(asDoubles, size);
  }

  /** Adds one small whole number many times. */
  public void add(int element, long times) {
    long product = Math.multiplyExact(element, times);
    long low = sumLow + product;
    sumHigh += (product >> 63) + (Long.compareUnsigned(low, sumLow) < 0 ? 1 : 0);
    sumLow = low;
    join(times, element, 0);
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
    join(size, blockMean, blockSquares);
  }

  private void join(long size, double blockMean, double blockSquares) {
    double difference = blockMean - mean;
    long joined = count + size;
    mean += difference * size / joined;
    squares += blockSquares + difference * difference * count / joined * size;
    count = joined;
  }

  /** The mean; null without a number, or when it is beyond the range of a double. */
  public @Nullable Double mean() {
    return finite(whole ? wholeSum() / count : mean);
  }

  private double wholeSum() {
    double low = (sumLow >>> 1) * 2.0 + (sumLow & 1);
    return sumHigh == 0 || (sumHigh == -1 && sumLow < 0)
        ? (sumHigh == 0 ? low : sumLow)
        : sumHigh * 0x1p64 + low;
  }

  /** The standard deviation, which divides by n; null like the mean. */
  public @Nullable Double std() {
    return finite(Math.sqrt(squares / count));
  }

  private static @Nullable Double finite(double number) {
    return Double.isFinite(number) ? (Double) number : null;
  }
}
