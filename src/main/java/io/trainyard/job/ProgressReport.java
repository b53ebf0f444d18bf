package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of an attempt since its last report.
 *
 * @param epochs the epochs that ended since, in order
 * @param repeated whether an earlier report failed; it may still have been stored
 */
public record ProgressReport(List<Epoch> epochs, JobProgress progress, boolean repeated) {
  public static final ProgressReport EMPTY = new ProgressReport(List.of(), JobProgress.NONE);

  public ProgressReport {
    epochs = List.copyOf(epochs);
  }

  public ProgressReport(List<Epoch> epochs, JobProgress progress) {
    this(epochs, progress, false);
  }

  /** The same epochs with another progress. */
  ProgressReport with(JobProgress other) {
    return new ProgressReport(epochs, other, repeated);
  }

  /** The same with the best epoch so far. */
  ProgressReport withBest(@Nullable EpochRecord best) {
    return with(new JobProgress(progress.current(), progress.last(), best, null));
  }

  /** An epoch, and the progress at its end. */
  public record Epoch(EpochRecord record, Progress progress) {}
}
