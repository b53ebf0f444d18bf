package io.trainyard.job;

import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.List;

/**
 * What an attempt has to tell since it last did.
 *
 * @param epochs finished since, in order
 */
public record Report(List<Epoch> epochs, Job.Standing standing) {
  public static final Report NOTHING = new Report(List.of(), Job.Standing.NOTHING);

  public Report {
    epochs = List.copyOf(epochs);
  }

  /** An epoch and how far the job was at its end. */
  public record Epoch(EpochRecord record, Progress progress) {}
}
