package io.trainyard.api.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.spec.check.Warning;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.metric.MeasuredForm;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A job in answers. */
public record JobView(
    String id,
    String kind,
    String model,
    String state,
    boolean done,
    @Nullable Boolean releasing,
    @Nullable Integer queuePosition,
    @Nullable String waitsFor,
    @Nullable ObjectNode progress,
    @Nullable ObjectNode metrics,
    @Nullable ObjectNode best,
    @Nullable ObjectNode baseline,
    @Nullable String stopReason,
    String owner,
    @Nullable String description,
    Map<String, String> tags,
    boolean archived,
    int attempt,
    @Nullable String worker,
    @Nullable String device,
    @Nullable Integer threads,
    List<Warning> warnings,
    JsonNode request,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable ObjectNode error,
    @Nullable ObjectNode result) {
  private static final long OWN_BYTES = 2_000;
  private static final long POINT_BYTES = 70;
  private static final long NUMBER_BYTES = 50;

  /**
   * The view of a job.
   *
   * @param position in the queue, from 1; 0 when the job is not queued
   */
  public static JobView of(Job job, int position) {
    return of(job, position, false, null);
  }

  /**
   * The view of a job that may have ended while its worker is still busy with it.
   *
   * @param releasing whether its slot is not yet free
   * @param waitsFor why it does not start, in words; null when it is not queued
   */
  static JobView of(Job job, int position, boolean releasing, @Nullable String waitsFor) {
    JobProgress progress = job.progress();
    JobState.Running run = job.lastRun();
    return new JobView(
        job.id(),
        job.task().kind(),
        job.task().model(),
        job.state().name().word(),
        job.state().done(),
        releasing ? true : null,
        position == 0 ? null : position,
        waitsFor,
        progress(job),
        metrics(job),
        epoch(progress.best(), job, "best"),
        baseline(job),
        progress.stopReason() == null ? null : progress.stopReason().code(),
        job.labels().shownOwner(),
        job.labels().description(),
        job.labels().tags(),
        job.labels().archived(),
        job.attempt(),
        run == null ? null : run.worker(),
        run == null ? null : run.device().code(),
        job.threads(),
        warnings(job),
        job.task().request(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        job.state() instanceof JobState.Failed failed ? failed.failure().toJson() : null,
        result(job));
  }

  static @Nullable ObjectNode result(Job job) {
    return job.state() instanceof JobState.Succeeded ended ? JobJson.of(ended) : null;
  }

  private static @Nullable ObjectNode baseline(Job job) {
    return job.state() instanceof JobState.Succeeded ended && ended.baseline() != null
        ? JobJson.of(ended.baseline())
        : null;
  }

  static List<Warning> warnings(Job job) {
    List<Warning> warnings = new ArrayList<>(job.task().warnings());
    int wanted = job.task().request().at("/resources/threads").asInt(0);
    Integer threads = job.threads();
    if (threads != null && threads < wanted) {
      warnings.add(
          new Warning(
              "/resources/threads",
              "threads_reduced",
              "%d threads were asked for, the job trains with %d: its pool has no more for a job, or its network is too small to gain from more"
                  .formatted(wanted, threads)));
    }
    if (job.state() instanceof JobState.Succeeded(JobState.Result result, _, _, _)
        && result.serving() != null) {
      result
          .serving()
          .warning("/on_success", result.model(), result.version())
          .ifPresent(warnings::add);
    }
    return warnings;
  }

  /** About how long the answer is. */
  static long bytes(Job job) {
    JobProgress progress = job.progress();
    long points =
        job.state() instanceof JobState.Succeeded(_, LearningRateCurve curve, _, _) && curve != null
            ? curve.points().size()
            : 0;
    return OWN_BYTES
        + job.task().request().toString().length()
        + points * POINT_BYTES
        + (numbers(progress.last()) + numbers(progress.best())) * NUMBER_BYTES;
  }

  /** The numbers of the layers in a record. */
  private static long numbers(@Nullable EpochRecord record) {
    return record == null ? 0 : record.layers().values().stream().mapToLong(Map::size).sum();
  }

  private static @Nullable ObjectNode progress(Job job) {
    Progress current = job.progress().current();
    if (current == null) {
      return null;
    }
    return (job.state().done() ? current.ended(job.state() instanceof JobState.Succeeded) : current)
        .toJson();
  }

  /** A batch prediction has the values of an evaluation, and no epochs. */
  private static @Nullable ObjectNode metrics(Job job) {
    return epoch(job.progress().last(), job, "metrics");
  }

  /**
   * A record as it is answered; an ended job also says of which form its values are.
   *
   * @param name of the forms among those of the job
   */
  private static @Nullable ObjectNode epoch(@Nullable EpochRecord record, Job job, String name) {
    if (record == null) {
      return null;
    }
    ObjectNode json =
        job.task() instanceof Task.Prediction ? record.valuesToJson() : record.toJson();
    if (job.state() instanceof JobState.Succeeded ended
        && ended.measured() != null
        && ended.measured().path(name).isObject()
        && !json.has(MeasuredForm.MEMBER)) {
      json.set(MeasuredForm.MEMBER, ended.measured().get(name));
    }
    return json;
  }
}
