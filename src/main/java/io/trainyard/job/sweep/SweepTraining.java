package io.trainyard.job.sweep;

import io.trainyard.job.JobState;
import io.trainyard.job.TrainingTask;
import io.trainyard.train.EpochRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A training of a sweep, as stored.
 *
 * @param job its id
 * @param trial from 1; {@link TrainingTask.Trial#BEST} for the refit
 * @param crashes attempts that ended with their worker since it last got further
 * @param best the record of the best epoch, known when it has ended or is suspended
 */
public record SweepTraining(
    String job,
    int trial,
    JsonNode parameters,
    JobState.Name state,
    int crashes,
    @Nullable EpochRecord last,
    @Nullable EpochRecord best,
    JobState.@Nullable Failure failure) {
  boolean isRefit() {
    return trial == TrainingTask.Trial.BEST;
  }

  /** The epochs that it has trained for. */
  int epochs() {
    return last == null ? 0 : last.epoch();
  }

  /** Whether it has trained for this many epochs, or has ended. */
  boolean hasReached(int epochs) {
    return state.done() || (best != null && crashes == 0 && epochs() >= epochs);
  }
}
