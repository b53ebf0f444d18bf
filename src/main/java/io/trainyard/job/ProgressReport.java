package io.trainyard.job;

import io.trainyard.job.frame.Frame;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of an attempt since its last report.
 *
 * @param epochs the epochs that ended since, in order
 * @param frames what is kept of the network, in order
 * @param notes what the caller should know; one that is stored already is not stored again
 * @param repeated whether an earlier report failed; it may still have been stored
 */
public record ProgressReport(
    List<Epoch> epochs,
    List<Frame> frames,
    List<Note> notes,
    JobProgress progress,
    boolean repeated) {
  public static final ProgressReport EMPTY = new ProgressReport(List.of(), JobProgress.NONE);

  public ProgressReport {
    epochs = List.copyOf(epochs);
    frames = List.copyOf(frames);
    notes = List.copyOf(notes);
  }

  public ProgressReport(List<Epoch> epochs, JobProgress progress) {
    this(epochs, List.of(), List.of(), progress, false);
  }

  /** Whether there is nothing to store. */
  boolean isEmpty() {
    return epochs.isEmpty() && frames.isEmpty() && notes.isEmpty() && progress.current() == null;
  }

  /** The same epochs with another progress. */
  ProgressReport with(JobProgress other) {
    return new ProgressReport(epochs, frames, notes, other, repeated);
  }

  /** The same with the best epoch so far. */
  ProgressReport withBest(@Nullable EpochRecord best) {
    return with(new JobProgress(progress.current(), progress.last(), best, null));
  }

  /** A message about the training. */
  public record Note(boolean warns, String message) {}

  /** An epoch, and the progress at its end. */
  public record Epoch(EpochRecord record, Progress progress) {}
}
