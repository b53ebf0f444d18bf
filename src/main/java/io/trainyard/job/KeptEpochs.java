package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import java.util.function.Consumer;

/**
 * Which epochs of a long training are kept: all after {@code old}, and of the others the smallest
 * and the largest loss of each bin.
 *
 * <p>The rule depends on the newest epoch alone. A bin is 2^k epochs wide and begins at a multiple
 * of its width, so each bin is a union of narrower ones, and the extremes of a bin are among the
 * extremes of its parts. What is kept in the end is therefore the same wherever and however often
 * the others were left out before.
 *
 * @param old the last epoch that is in a bin; 0: all epochs are kept
 * @param width epochs of a bin
 */
public record KeptEpochs(int old, int width) {
  /** A rule keeps fewer epochs than this: two of each bin, the newest, and the best. */
  public static final int MOST = 10_000;

  private static final int ALL_UP_TO = 8_000;
  private static final int NEWEST = 1_000;
  private static final int MOST_BINS = 4_000;

  /** The rule changes after so many epochs, not after each. */
  private static final int STEP = 500;

  /** The rule after this epoch. */
  public static KeptEpochs after(int newest) {
    int step = newest / STEP * STEP;
    if (step <= ALL_UP_TO) {
      return new KeptEpochs(0, 1);
    }
    KeptEpochs rule = new KeptEpochs(step - NEWEST, 1);
    while (rule.old / rule.width >= MOST_BINS) {
      rule = rule.wider();
    }
    return rule;
  }

  /** The same with bins of the double width. */
  KeptEpochs wider() {
    return new KeptEpochs(old, 2 * width);
  }

  /** Bins up to another epoch. */
  KeptEpochs upTo(int other) {
    return new KeptEpochs(other, width);
  }

  /**
   * The first epoch that must be looked at again where an earlier rule has been applied.
   *
   * @return 1 where the bins are wider now
   */
  public int changedSince(KeptEpochs earlier) {
    return earlier.width == width ? earlier.old / width * width + 1 : 1;
  }

  /** Hands on those epochs up to {@code old} that are kept. */
  public ThinnedEpochs thinned(Consumer<EpochRecord> reader) {
    int bins = old / width + 1;
    return new ThinnedEpochs(1, bins * width, bins, null, reader);
  }
}
