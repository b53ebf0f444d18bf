package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import org.jspecify.annotations.Nullable;

/**
 * How far a job has come. Each part is null until it is known.
 *
 * @param current the epoch and step of the training
 * @param last the record of the last epoch; at the end with the test values of what was published
 * @param best the record of the epoch whose weights were published
 */
public record JobProgress(
    @Nullable Progress current,
    @Nullable EpochRecord last,
    @Nullable EpochRecord best,
    @Nullable StopReason stopReason) {
  public static final JobProgress NONE = new JobProgress(null, null, null, null);
}
