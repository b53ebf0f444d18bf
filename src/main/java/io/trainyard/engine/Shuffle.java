package io.trainyard.engine;

import io.trainyard.engine.natives.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** The order of rows in an epoch, a function of seed, phase and epoch. */
final class Shuffle {
  private static final RandomGeneratorFactory<RandomGenerator> ALGORITHM =
      RandomGeneratorFactory.of("L64X128MixRandom");
  private static final long PURPOSE = 1;

  private Shuffle() {}

  /** Fills in a permutation of 0..rows−1 as 64-bit integers. */
  static void fill(MemorySegment order, int rows, long seed, long phase, long epoch) {
    RandomGenerator random = ALGORITHM.create(RandomSource.mix(seed, phase, epoch, PURPOSE));
    for (int i = 0; i < rows; i++) {
      // Fisher-Yates, inside out: each row swaps into a random position up to its own.
      int position = random.nextInt(i + 1);
      order.setAtIndex(ValueLayout.JAVA_LONG, i, order.getAtIndex(ValueLayout.JAVA_LONG, position));
      order.setAtIndex(ValueLayout.JAVA_LONG, position, i);
    }
  }
}
