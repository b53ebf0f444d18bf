package io.trainyard.api.job;

import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.ThinnedEpochs;
import io.trainyard.train.EpochRecord;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The epochs that a caller asks for.
 *
 * @param from the first one
 * @param to the last one; less than {@code from}: there is none
 * @param points the most to answer
 * @param metric whose extremes stay where epochs are left out; null: those of the loss
 */
record EpochRange(int from, int to, int points, @Nullable String metric) {
  private static final int LEAST_POINTS = 2;
  private static final int MOST_POINTS = 10_000;

  /** From query parameters; each may be left out. */
  static EpochRange of(
      Job job,
      @Nullable Integer points,
      @Nullable Integer from,
      @Nullable Integer to,
      @Nullable String metric) {
    if (points != null && (points < LEAST_POINTS || points > MOST_POINTS)) {
      throw invalid(
          "points must be in %d..%d, was %d".formatted(LEAST_POINTS, MOST_POINTS, points));
    }
    requireOrder(from, to);
    EpochRecord newest = job.progress().last();
    int last = newest == null ? 0 : newest.epoch();
    if (metric != null && newest != null && !newest.values().containsKey(metric)) {
      throw invalid(
          "metric: The newest epoch has no metric '%s'; it has %s"
              .formatted(metric, String.join(", ", newest.values().keySet())));
    }
    return new EpochRange(
        from == null ? 1 : from,
        to == null ? last : Math.min(to, last),
        points == null ? Integer.MAX_VALUE : points,
        metric);
  }

  /** Refuses bounds that are no epochs. */
  static void requireOrder(@Nullable Integer from, @Nullable Integer to) {
    if (from != null && from < 1) {
      throw invalid("from must be an epoch, from 1, was " + from);
    }
    if (to != null && to < (from == null ? 1 : from)) {
      throw invalid(
          "to must be an epoch, at least %d, was %d".formatted(from == null ? 1 : from, to));
    }
  }

  private static ServiceException invalid(String detail) {
    return ServiceException.parameter(detail);
  }

  /** How many epochs of the job are in the range, stored or not. */
  int count() {
    return Math.max(0, to - from + 1);
  }

  /**
   * Hands on the epochs of the range, at most {@code points} of them.
   *
   * @param all hands all epochs of the job to a reader
   * @return how many
   */
  int read(Consumer<Consumer<EpochRecord>> all, Consumer<EpochRecord> reader) {
    AtomicInteger read = new AtomicInteger();
    Consumer<EpochRecord> counted =
        epoch -> {
          read.incrementAndGet();
          reader.accept(epoch);
        };
    if (count() <= points) {
      all.accept(
          epoch -> {
            if (epoch.epoch() >= from && epoch.epoch() <= to) {
              counted.accept(epoch);
            }
          });
    } else {
      ThinnedEpochs thinned = new ThinnedEpochs(from, to, points / LEAST_POINTS, metric, counted);
      all.accept(thinned::accept);
      thinned.finish();
    }
    return read.get();
  }
}
