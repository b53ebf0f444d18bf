package io.trainyard.tensor;

/** Arithmetic of non-negative sizes that saturates at {@link Long#MAX_VALUE}. */
public final class Bytes {
  /** Bytes of one number of 32 bits, as networks compute with. */
  public static final int FLOAT = 4;

  private Bytes() {}

  /** Bytes of that many numbers. */
  public static long ofFloats(long numbers) {
    return multiply(numbers, FLOAT);
  }

  public static long add(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  public static long multiply(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }
}
