package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.List;

/**
 * What an attempt has to tell since it last did.
 *
 * @param epochs finished since, in order
 * @param repeated whether an earlier report may have been stored although its answer was lost
 */
public record ProgressReport(List<Epoch> epochs, Job.Standing standing, boolean repeated) {
  public static final ProgressReport NOTHING = new ProgressReport(List.of(), Job.Standing.NOTHING);

  public ProgressReport {
    epochs = List.copyOf(epochs);
  }

  public ProgressReport(List<Epoch> epochs, Job.Standing standing) {
    this(epochs, standing, false);
  }

  /** The same epochs with the job elsewhere. */
  ProgressReport at(Job.Standing other) {
    return new ProgressReport(epochs, other, repeated);
  }

  /** An epoch and how far the job was at its end. */
  public record Epoch(EpochRecord record, Progress progress) {}
}
