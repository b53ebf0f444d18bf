package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.Task;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.idempotency.JdbcIdempotencyKeys;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** How jobs come in: their row, what they hold, their first event and their place in the queue. */
final class JobAdmission {
  private static final Logger log = LoggerFactory.getLogger(JobAdmission.class);

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JobQueries queries;
  private final JobEventLog events;
  private final JobSchedule schedule;
  private final ModelCatalogue models;
  private final JobHolds holds;
  private final JobProperties properties;

  JobAdmission(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      JobQueries queries,
      JobEventLog events,
      JobSchedule schedule,
      ModelCatalogue models,
      JobHolds holds,
      JobProperties properties) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.queries = queries;
    this.events = events;
    this.schedule = schedule;
    this.models = models;
    this.holds = holds;
    this.properties = properties;
  }

  /** Takes a job in, in one transaction; what changed while it was checked is looked at again. */
  void submit(Job job, boolean storeModel) {
    try {
      submitOnce(job, storeModel);
    } catch (DataIntegrityViolationException | UncategorizedDataAccessException e) {
      if (!storeModel) {
        throw e;
      }
      // Somebody made a model of that name meanwhile, which ends the transaction on PostgreSQL.
      submitOnce(job, true);
    }
  }

  private void submitOnce(Job job, boolean storeModel) {
    transaction.executeWithoutResult(
        _ -> {
          Task.Training task = (Task.Training) job.task();
          if (storeModel) {
            models.put(task.model(), task.spec());
          }
          insert(job, task);
        });
  }

  private void insert(Job job, Task.Training task) {
    Task.Placement placement = task.placement();
    Instant place = JobQueries.place(job);
    int position = requireRoom(placement.pool(), place, job.id());
    jdbc.sql(
            "INSERT INTO jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
                + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
                + " last_event, created_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, 0, FALSE, ?, ?, ?, 0, ?)")
        .params(
            job.id(),
            task.kind(),
            task.model(),
            task.dataset().name(),
            task.dataset().version(),
            placement.pool(),
            placement.priority(),
            Timestamps.time(place),
            task.request().toString(),
            task.spec().toString(),
            JobRows.text(task.warnings()),
            Timestamps.time(job.createdAt()))
        .update();
    holds.hold(task, job.id());
    events.queued(job.id(), 0, position);
    JdbcIdempotencyKeys.created(jdbc, new Created(Created.Kind.JOB, job.id()));
    schedule.add(job.id(), placement.pool(), place);
  }

  /** The place in the queue, from 1, if the pool has one left. */
  private int requireRoom(String pool, Instant place, String id) {
    int waiting = queries.waiting(pool);
    if (waiting >= properties.queueCapacity()) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, waiting + " jobs wait in pool '" + pool + "', as many as may");
    }
    // Few or none are behind a new job.
    return waiting - queries.waitingBehind(pool, place, id) + 1;
  }

  /** Gives a place to every job that has none and should; there is none unless a row was lost. */
  void mendQueue() {
    transaction.executeWithoutResult(
        _ ->
            jdbc.sql(
                    "SELECT id, pool, due_at FROM jobs WHERE state IN ('queued', 'running')"
                        + " AND NOT EXISTS (SELECT 1 FROM scheduled_tasks t"
                        + " WHERE t.task_instance = jobs.id)")
                .query(
                    row -> {
                      String id = row.getString("id");
                      log.warn("Job {} had no place in the queue", id);
                      schedule.add(id, row.getString("pool"), Timestamps.instant(row, "due_at"));
                    }));
  }
}
