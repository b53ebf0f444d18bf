package io.trainyard.store.job;

import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.Precondition;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Stores a new job: its row, its holds, its first event and its place in the queue. */
@Component
final class JobAdmission {
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final ModelCatalogue models;
  private final JobHolds holds;
  private final JobQueue queue;
  private final JobEventLog events;

  JobAdmission(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      ModelCatalogue models,
      JobHolds holds,
      JobQueue queue,
      JobEventLog events) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.models = models;
    this.holds = holds;
    this.queue = queue;
    this.events = events;
  }

  /** Stores a job in one transaction. */
  void submit(Job job, boolean storeModel) {
    try {
      submitOnce(job, storeModel);
    } catch (DataIntegrityViolationException | UncategorizedDataAccessException e) {
      if (!storeModel) {
        throw e;
      }
      // Another caller created the same model. PostgreSQL then needs a new transaction.
      submitOnce(job, true);
    }
  }

  private void submitOnce(Job job, boolean storeModel) {
    transaction.executeWithoutResult(
        _ -> {
          TrainingTask task = (TrainingTask) job.task();
          if (storeModel) {
            models.put(task.model(), task.spec(), Precondition.none());
          }
          int position = queue.requireRoom(job);
          insert(job, task);
          holds.hold(task, job.id());
          events.queued(job.id(), 0, position);
          JdbcIdempotencyKeys.created(jdbc, new Created(Created.Kind.JOB, job.id()));
          queue.add(job);
        });
  }

  private void insert(Job job, TrainingTask task) {
    jdbc.sql(
            "insert into jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
                + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
                + " last_event, created_at)"
                + " values (:id, :kind, :model, :dataset, :version, :pool, :priority, :due,"
                + " :queued, 0, 0, false, :request, :spec, :warnings, 0, :created)")
        .param("id", job.id())
        .param("kind", task.kind())
        .param("model", task.model())
        .param("dataset", task.dataset().name())
        .param("version", task.dataset().version())
        .param("pool", task.placement().pool())
        .param("priority", task.placement().priority())
        .param("due", Timestamps.time(JobQueue.dueAt(job)))
        .param("queued", JobState.Name.QUEUED.word())
        .param("request", task.request().toString())
        .param("spec", task.spec().toString())
        .param("warnings", JobRows.text(task.warnings()))
        .param("created", Timestamps.time(job.createdAt()))
        .update();
  }
}
