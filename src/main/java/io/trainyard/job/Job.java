package io.trainyard.job;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.LabelPatch;
import io.trainyard.label.Labels;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job at one moment.
 *
 * @param attempt counts starts; a worker may write only while the stored number is its own
 * @param crashes counts attempts that ended with their worker since the last checkpoint
 * @param stopRequested whether it should finish now and publish the best weights so far
 * @param lastRun the worker that runs it or ran it last; null before the first start
 * @param threads those that it trains with or trained with last; null before its first training
 */
public record Job(
    String id,
    Task task,
    JobState state,
    int attempt,
    int crashes,
    boolean stopRequested,
    JobState.@Nullable Running lastRun,
    @Nullable Integer threads,
    JobProgress progress,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    Labels labels) {

  /** A new job of the caller, with the labels that its request has. */
  public static Job queued(String id, Task task, Instant now) {
    return new Job(
        id,
        task,
        new JobState.Queued(),
        0,
        0,
        false,
        null,
        null,
        JobProgress.NONE,
        now,
        null,
        null,
        LabelPatch.created(task.request(), Identity.current().ownerName()));
  }

  /** The error for a job that does not exist. */
  public static ServiceException notFound(String id) {
    return new ServiceException(ErrorCode.JOB_NOT_FOUND, "There is no job '" + id + "'");
  }

  /** Whether a caller may see it: it shows all models and datasets that it names. */
  public boolean isVisibleTo(Identity caller) {
    return task.isVisibleTo(caller);
  }

  /** The same job with newer progress. */
  Job with(JobProgress newer) {
    return new Job(
        id,
        task,
        state,
        attempt,
        crashes,
        stopRequested,
        lastRun,
        threads,
        newer,
        createdAt,
        startedAt,
        finishedAt,
        labels);
  }
}
