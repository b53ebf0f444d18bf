package io.trainyard.store.profile;

/**
 * Estimates the number of different values from their hashes: with m registers, each of which holds
 * the largest rank r of a first set bit, E = α·m² / Σ 2^−r. The standard error is 1.04/√m, here 2.3
 * %. Source: Flajolet et al. (2007), HyperLogLog, for numbers far above 2.5·m; below, empty
 * registers are counted.
 */
final class DistinctEstimate {
  private static final int BITS = 11;
  private static final int REGISTERS = 1 << BITS;
  private static final double ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

  private final byte[] ranks = new byte[REGISTERS];

  /** Adds a value by its hash, whose bits must be independent. */
  void add(long hash) {
    int register = (int) (hash >>> (Long.SIZE - BITS));
    byte rank = (byte) (Long.numberOfLeadingZeros(hash << BITS | 1L << (BITS - 1)) + 1);
    if (rank > ranks[register]) {
      ranks[register] = rank;
    }
  }

  long count() {
    double sum = 0;
    int empty = 0;
    for (byte rank : ranks) {
      sum += Math.scalb(1.0, -rank);
      empty += rank == 0 ? 1 : 0;
    }
    double estimate = ALPHA * REGISTERS * REGISTERS / sum;
    return Math.round(
        estimate <= 2.5 * REGISTERS && empty > 0
            ? REGISTERS * Math.log((double) REGISTERS / empty)
            : estimate);
  }
}
