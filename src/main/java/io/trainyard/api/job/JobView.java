package io.trainyard.api.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobJson;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.spec.check.Warning;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A job as callers see it. */
public record JobView(
    String id,
    String kind,
    String model,
    String state,
    boolean done,
    @Nullable Integer queuePosition,
    @Nullable ObjectNode progress,
    @Nullable ObjectNode metrics,
    @Nullable ObjectNode best,
    @Nullable String stopReason,
    int attempt,
    @Nullable String worker,
    @Nullable String device,
    List<Warning> warnings,
    JsonNode request,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable ObjectNode error,
    @Nullable ObjectNode result) {

  /**
   * The view of a job.
   *
   * @param position in the queue, from 1; 0 when it does not wait
   */
  public static JobView of(Job job, int position) {
    Job.Standing standing = job.standing();
    JobState.Running run = job.lastRun();
    return new JobView(
        job.id(),
        job.task().kind(),
        job.task().model(),
        job.state().name().name().toLowerCase(Locale.ROOT),
        job.state().done(),
        position == 0 ? null : position,
        progress(job),
        epoch(standing.last()),
        epoch(standing.best()),
        standing.stopReason() == null ? null : standing.stopReason().code(),
        job.attempt(),
        run == null ? null : run.worker(),
        run == null ? null : run.device().code(),
        switch (job.task()) {
          case Task.Training training -> training.warnings();
        },
        job.task().request(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        job.state() instanceof JobState.Failed failed ? JobJson.of(failed.failure()) : null,
        job.state() instanceof JobState.Succeeded succeeded
            ? JobJson.of(succeeded.result())
            : null);
  }

  private static @Nullable ObjectNode progress(Job job) {
    Progress progress = job.standing().progress();
    if (progress == null) {
      return null;
    }
    return JobJson.of(
        job.state().done() ? progress.ended(job.state() instanceof JobState.Succeeded) : progress);
  }

  private static @Nullable ObjectNode epoch(@Nullable EpochRecord record) {
    return record == null ? null : JobJson.of(record);
  }
}
