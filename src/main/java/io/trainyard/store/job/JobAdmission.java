package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.Precondition;
import io.trainyard.store.access.OwnerTurns;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import io.trainyard.trace.TraceContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
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
  private final OwnerTurns turns;

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
    this.turns = new OwnerTurns(jdbc);
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
    } catch (DataIntegrityViolationException | UncategorizedDataAccessException e) {
      if (model == null) {
        throw e;
      }
      // Another caller created the same model. PostgreSQL then needs a new transaction.
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
          int position = queue.requireRoom(job);
          insert(List.of(job), 0);
          holds.hold(job, trainings);
          events.queued(job.id(), 0, position);
          insertTrainings(trainings);
          JdbcIdempotencyKeys.created(jdbc, new Created(kind(task), job.id()));
          queue.add(job);
        });
  }

  private static Created.Kind kind(Task task) {
    return switch (task) {
      case TrainingTask _, Task.Prediction _ -> Created.Kind.JOB;
      case Task.Sweep _ -> Created.Kind.SWEEP;
    };
  }

  /** Stores trainings of a sweep, which wait for it and not in a queue. Joins a transaction. */
  void insertTrainings(List<Job> trainings) {
    insert(trainings, 1);
    events.firstOf(trainings);
  }

  private void insert(List<Job> jobs, int lastEvent) {
    batches.batchUpdate(
        "insert into jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
            + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
            + " last_event, created_at, sweep, trial, fold, trial_parameters, traceparent, owner)"
            + " values (:id, :kind, :model, :dataset, :version, :pool, :priority, :due,"
            + " :queued, 0, 0, false, :request, :spec, :warnings, :event, :created, :sweep,"
            + " :trial, :fold, :parameters, :traceparent, :owner)",
        jobs.stream()
            .map(job -> row(job).addValue("event", lastEvent))
            .toArray(SqlParameterSource[]::new));
  }

  private static MapSqlParameterSource row(Job job) {
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
        .addValue("due", Timestamps.time(JobQueue.dueAt(job)))
        .addValue("queued", JobState.Name.QUEUED.word())
        .addValue("request", task.request().toString())
        .addValue("spec", task.spec().toString())
        .addValue("warnings", JobRows.text(task.warnings()))
        .addValue("created", Timestamps.time(job.createdAt()))
        .addValue("owner", Identity.current().owner())
        .addValue("sweep", trial == null ? null : trial.sweep())
        .addValue("trial", trial == null ? null : trial.number())
        .addValue("fold", trial == null ? null : trial.fold())
        .addValue("parameters", trial == null ? null : trial.parameters().toString())
        .addValue("traceparent", request == null ? null : request.header());
  }
}
