package io.trainyard.predict.dense;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The two blocks of values between which rows go, layer by layer. They are used again by the next
 * computation of any network, so that they fill no heap. Their contents are whatever the last user
 * left.
 *
 * <p>Each feature has an array of its own, because the compiler vectorizes a loop over several
 * arrays only when all have the same index: with one array and an offset by feature, a block takes
 * four times as long (JDK 25).
 *
 * @param x [features, rows]
 * @param y as x
 * @param rows of a block
 */
@SuppressWarnings("ArrayRecordComponent")
record WorkArrays(float[][] x, float[][] y, int rows) {
  private static final int ROWS = 128;

  /** Wider networks get blocks of their own, with fewer rows. */
  private static final int MOST_FEATURES = 1024;

  private static final int FEWEST_ROWS = 8;

  /** As many compute at once, and a few more. */
  private static final int MOST_KEPT = Runtime.getRuntime().availableProcessors() + 2;

  private static final Queue<WorkArrays> FREE = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger KEPT = new AtomicInteger();

  /** Blocks of at least this many features. */
  static WorkArrays take(int features) {
    if (features > MOST_FEATURES) {
      int rows = Math.max(FEWEST_ROWS, ROWS * MOST_FEATURES / features);
      return new WorkArrays(new float[features][rows], new float[features][rows], rows);
    }
    WorkArrays free = FREE.poll();
    if (free != null) {
      KEPT.decrementAndGet();
      if (free.x.length >= features) {
        return free;
      }
    }
    return new WorkArrays(new float[features][ROWS], new float[features][ROWS], ROWS);
  }

  /** For the next computation; the caller uses them no more. */
  void give() {
    if (x.length > MOST_FEATURES) {
      return;
    }
    if (KEPT.incrementAndGet() <= MOST_KEPT) {
      FREE.add(this);
    } else {
      KEPT.decrementAndGet();
    }
  }
}
