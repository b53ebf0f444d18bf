package io.trainyard.job;

import io.trainyard.train.Checkpoint;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingOutcome;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The outcome of an attempt that did not fail. */
sealed interface AttemptOutcome {
  /**
   * A version to publish, whose weights are on disk.
   *
   * @param rows the rows trained on, counted once per epoch
   */
  record Trained(JobStore.Publication publication, TrainingOutcome.Finished outcome, long rows)
      implements AttemptOutcome {
    /** The progress at the end of the job. */
    JobProgress progress(@Nullable Progress current) {
      return new JobProgress(current, lastWithTestValues(), outcome.best(), outcome.reason());
    }

    private @Nullable EpochRecord lastWithTestValues() {
      EpochRecord last = outcome.last();
      if (last == null) {
        return null;
      }
      Map<String, Double> values = new LinkedHashMap<>(last.values());
      values.putAll(outcome.testValues());
      return new EpochRecord(
          last.epoch(), last.phase(), values, last.learningRate(), last.seconds());
    }
  }

  /** The job was cancelled, or stopped before its first epoch ended. */
  record NothingToPublish() implements AttemptOutcome {}

  /** Another attempt continues, from the checkpoint if there is one. */
  record Suspended(@Nullable Checkpoint checkpoint) implements AttemptOutcome {}
}
