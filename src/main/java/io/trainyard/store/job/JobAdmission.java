package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.Precondition;
import io.trainyard.store.access.QuotaTurns;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.trace.TraceContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Stores a new job: its row, its holds, its first event and its place in the queue. */
@Component
final class JobAdmission {
  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;
  private final TransactionTemplate transaction;
  private final ModelCatalogue models;
  private final JobHolds holds;
  private final JobQueue queue;
  private final JobEventLog events;
  private final QuotaTurns turns;

  JobAdmission(
      JdbcOperations operations,
      TransactionTemplate transaction,
      ModelCatalogue models,
      JobHolds holds,
      JobQueue queue,
      JobEventLog events) {
    this.jdbc = JdbcClient.create(operations);
    this.batches = new NamedParameterJdbcTemplate(operations);
    this.transaction = transaction;
    this.models = models;
    this.holds = holds;
    this.queue = queue;
    this.events = events;
    this.turns = new QuotaTurns(jdbc);
  }

  /**
   * Stores a job in one transaction.
   *
   * @param trainings those of a sweep
   */
  void submit(Job job, List<Job> trainings, @Nullable JsonNode model) {
    var _ = turns.call(() -> submitOrRetry(job, trainings, model));
  }

  private boolean submitOrRetry(Job job, List<Job> trainings, @Nullable JsonNode model) {
    try {
      submitOnce(job, trainings, model);
    } catch (DataIntegrityViolationException
        | UncategorizedDataAccessException
        | UnexpectedRollbackException e) {
      if (model == null) {
        throw e;
      }
      // Another caller created the same model. That has ended this transaction: a new one is
      // needed.
      submitOnce(job, trainings, model);
    }
    return true;
  }

  private void submitOnce(Job job, List<Job> trainings, @Nullable JsonNode model) {
    transaction.executeWithoutResult(
        _ -> {
          Task task = job.task();
          if (model != null) {
            models.put(task.model(), model, Precondition.none());
          }
          turns.requireRoomForJob();
          String owner = Identity.current().owner();
          int number = queue.nextNumber(owner);
          Instant due = JobSchedule.dueAt(job, number);
          int position = queue.requireRoom(job, due);
          insert(List.of(job), List.of(row(job, owner, due)), 0);
          holds.hold(job, trainings);
          events.queued(job.id(), 0, position);
          insertTrainings(trainings, owner, number);
          JdbcIdempotencyKeys.created(jdbc, new Created(kind(task), job.id()));
          queue.add(job, due);
        });
  }

  private static Created.Kind kind(Task task) {
    return switch (task) {
      case TrainingTask _, Task.Prediction _ -> Created.Kind.JOB;
      case Task.Sweep _ -> Created.Kind.SWEEP;
    };
  }

  /**
   * Stores trainings of a sweep, which wait for it and not in a queue.
   *
   * @param number of the first among the unfinished jobs of the caller; 0 where it has none
   */
  private void insertTrainings(List<Job> trainings, @Nullable String owner, int number) {
    List<MapSqlParameterSource> rows = new ArrayList<>();
    for (Job training : trainings) {
      int own = number == 0 ? 0 : number + rows.size();
      rows.add(row(training, owner, JobSchedule.dueAt(training, own)));
    }
    insert(trainings, rows, 1);
    events.firstOf(trainings);
  }

  /**
   * Stores the last training of a sweep, which is its caller's and as urgent. Joins a transaction.
   */
  void insertRefit(String sweep, Job refit) {
    List<MapSqlParameterSource> rows =
        jdbc.sql("select owner, owner_name, due_at from jobs where id = :id")
            .param("id", sweep)
            .query(
                (row, _) ->
                    row(refit, row.getString("owner"), Timestamps.instant(row, "due_at"))
                        .addValue("owner_name", row.getString("owner_name")))
            .list();
    insert(List.of(refit), rows, 1);
    events.firstOf(List.of(refit));
  }

  private void insert(List<Job> jobs, List<MapSqlParameterSource> rows, int lastEvent) {
    batches.batchUpdate(
        "insert into jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
            + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
            + " last_event, created_at, sweep, trial, fold, trial_parameters, traceparent, owner,"
            + " owner_name, description, tags)"
            + " values (:id, :kind, :model, :dataset, :version, :pool, :priority, :due,"
            + " :queued, 0, 0, false, :request, :spec, :warnings, :event, :created, :sweep,"
            + " :trial, :fold, :parameters, :traceparent, :owner, :owner_name,"
            + " :description, :tags)",
        rows.stream()
            .map(row -> row.addValue("event", lastEvent))
            .toArray(SqlParameterSource[]::new));
    batches.batchUpdate(
        "insert into job_tags (job_id, name, content) values (:job, :name, :content)",
        jobs.stream().flatMap(JobAdmission::tags).toArray(SqlParameterSource[]::new));
  }

  private static Stream<SqlParameterSource> tags(Job job) {
    return job.labels().tags().entrySet().stream()
        .map(
            tag ->
                new MapSqlParameterSource("job", job.id())
                    .addValue("name", tag.getKey())
                    .addValue("content", tag.getValue()));
  }

  private static MapSqlParameterSource row(Job job, @Nullable String owner, Instant due) {
    Task task = job.task();
    TrainingTask.Trial trial = task instanceof TrainingTask training ? training.trial() : null;
    TraceContext request = TraceContext.current();
    return new MapSqlParameterSource("id", job.id())
        .addValue("kind", task.kind())
        .addValue("model", task.model())
        .addValue("dataset", task.dataset().name())
        .addValue("version", task.dataset().version())
        .addValue("pool", task.placement().pool())
        .addValue("priority", task.placement().priority())
        .addValue("due", Timestamps.time(due))
        .addValue("queued", JobState.Name.QUEUED.word())
        .addValue("request", task.request().toString())
        .addValue("spec", task.spec().toString())
        .addValue("warnings", JobRows.text(task.warnings()))
        .addValue("created", Timestamps.time(job.createdAt()))
        .addValue("owner", owner)
        .addValue("owner_name", job.labels().owner())
        .addValue("description", job.labels().description())
        .addValue("tags", LabelColumns.text(job.labels().tags()))
        .addValue("sweep", trial == null ? null : trial.sweep())
        .addValue("trial", trial == null ? null : trial.number())
        .addValue("fold", trial == null ? null : trial.fold())
        .addValue("parameters", trial == null ? null : trial.parameters().toString())
        .addValue("traceparent", request == null ? null : request.header());
  }
}
