package io.trainyard.tensor;

/** Arithmetic of non-negative sizes that saturates at {@link Long#MAX_VALUE}. */
public final class Bytes {
  private Bytes() {}

  public static long add(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  public static long multiply(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }
}
