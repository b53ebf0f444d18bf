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
public record Report(List<Epoch> epochs, Job.Standing standing, boolean repeated) {
  public static final Report NOTHING = new Report(List.of(), Job.Standing.NOTHING);

  public Report {
    epochs = List.copyOf(epochs);
  }

  public Report(List<Epoch> epochs, Job.Standing standing) {
    this(epochs, standing, false);
  }

  /** The same epochs with the job elsewhere. */
  Report at(Job.Standing other) {
    return new Report(epochs, other, repeated);
  }

  /** An epoch and how far the job was at its end. */
  public record Epoch(EpochRecord record, Progress progress) {}
}
