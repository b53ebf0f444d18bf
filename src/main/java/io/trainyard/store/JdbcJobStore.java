package io.trainyard.store;

import io.trainyard.dataset.DatasetStore;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobEvent;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.Report;
import io.trainyard.job.Task;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
import io.trainyard.train.EpochRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs in the database that all processes share. */
@Component
final class JdbcJobStore implements JobStore {
  private static final Logger log = LoggerFactory.getLogger(JdbcJobStore.class);
  private static final Duration OUTAGE_PAUSE = Duration.ofMillis(500);

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JobSchedule schedule;
  private final JobEventLog events;
  private final DatasetStore datasets;
  private final ModelRegistry models;
  private final JobProperties properties;
  private final Clock clock;

  JdbcJobStore(
      JdbcOperations operations,
      PlatformTransactionManager transactions,
      JobSchedule schedule,
      DatasetStore datasets,
      ModelRegistry models,
      JobProperties properties,
      Clock clock) {
    this.jdbc = JdbcClient.create(operations);
    this.transaction = new TransactionTemplate(transactions);
    this.schedule = schedule;
    this.events = new JobEventLog(jdbc, operations, clock);
    this.datasets = datasets;
    this.models = models;
    this.properties = properties;
    this.clock = clock;
  }

  // Submission

  @Override
  public void submit(Job job, boolean storeModel) {
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
    requireRoom(placement.pool());
    Instant place = JobSchedule.place(job.createdAt(), placement.priority());
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
            JobRows.time(place),
            task.request().toString(),
            task.spec().toString(),
            JobRows.text(task.warnings()),
            JobRows.time(job.createdAt()))
        .update();
    task.reads().forEach(dataset -> datasets.hold(existing(dataset), job.id()));
    events.queued(job.id(), 0, queuePosition(job));
    JdbcIdempotencyKeys.created(jdbc, 202, "/v1/jobs/" + job.id());
    schedule.add(job.id(), placement.pool(), place);
  }

  private void requireRoom(String pool) {
    long waiting =
        jdbc.sql("SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND pool = ?")
            .param(pool)
            .query(Long.class)
            .single();
    if (waiting >= properties.queueCapacity()) {
      throw new ServiceException(
          ErrorCode.QUEUE_FULL, waiting + " jobs wait in pool '" + pool + "', as many as may");
    }
  }

  private DatasetVersion existing(Task.Dataset dataset) {
    return datasets
        .find(dataset.name(), dataset.version())
        .orElseThrow(
            () ->
                ServiceException.invalid(
                    "/dataset",
                    "Data set " + dataset.name() + "@" + dataset.version() + " is gone"));
  }

  // Looking

  @Override
  public Optional<Job> find(String id) {
    return jdbc.sql("SELECT " + JobRows.COLUMNS + " FROM jobs WHERE id = ?")
        .param(id)
        .query(JobRows::read)
        .optional();
  }

  @Override
  public List<Job> list(JobFilter filter, int limit) {
    StringBuilder sql = new StringBuilder("SELECT " + JobRows.COLUMNS + " FROM jobs WHERE 1 = 1");
    List<Object> parameters = new ArrayList<>();
    if (filter.model() != null) {
      sql.append(" AND model = ?");
      parameters.add(filter.model());
    }
    if (filter.state() != null) {
      sql.append(" AND state = ?");
      parameters.add(JobRows.word(filter.state()));
    }
    if (filter.before() != null) {
      sql.append(" AND id < ?");
      parameters.add(filter.before());
    }
    sql.append(" ORDER BY id DESC FETCH FIRST ").append(limit).append(" ROWS ONLY");
    return jdbc.sql(sql.toString()).params(parameters).query(JobRows::read).list();
  }

  @Override
  public int queuePosition(Job job) {
    Task.Placement placement = job.task().placement();
    var place = JobRows.time(JobSchedule.place(job.createdAt(), placement.priority()));
    return jdbc.sql(
            "SELECT COUNT(*) + 1 FROM jobs WHERE state = 'queued' AND pool = ?"
                + " AND (due_at < ? OR (due_at = ? AND id < ?))")
        .params(placement.pool(), place, place, job.id())
        .query(Integer.class)
        .single();
  }

  @Override
  public List<EpochRecord> epochs(String id) {
    return events.epochs(id);
  }

  @Override
  public List<JobEvent> events(String id, int after, int limit) {
    return events.after(id, after, limit);
  }

  @Override
  public Map<String, Integer> lastEvents(Collection<String> ids) {
    Map<String, Integer> last = new HashMap<>();
    jdbc.sql("SELECT id, last_event FROM jobs WHERE id IN (:ids)")
        .param("ids", ids)
        .query(
            row -> {
              last.put(row.getString("id"), row.getInt("last_event"));
            });
    return last;
  }

  @Override
  public Map<String, Signal> signals(Collection<String> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    Map<String, Signal> signals = new HashMap<>();
    jdbc.sql("SELECT id, state, attempt, stop_requested FROM jobs WHERE id IN (:ids)")
        .param("ids", ids)
        .query(
            row -> {
              signals.put(
                  row.getString("id"),
                  new Signal(
                      JobRows.stateName(row.getString("state")),
                      row.getInt("attempt"),
                      row.getBoolean("stop_requested")));
            });
    return signals;
  }

  @Override
  public Map<JobState.Name, Long> countByState() {
    Map<JobState.Name, Long> counts = new EnumMap<>(JobState.Name.class);
    jdbc.sql("SELECT state, COUNT(*) AS jobs FROM jobs GROUP BY state")
        .query(
            row -> {
              counts.put(JobRows.stateName(row.getString("state")), row.getLong("jobs"));
            });
    return counts;
  }

  @Override
  public Map<String, Long> queueDepths() {
    Map<String, Long> depths = new HashMap<>();
    jdbc.sql("SELECT pool, COUNT(*) AS jobs FROM jobs WHERE state = 'queued' GROUP BY pool")
        .query(
            row -> {
              depths.put(row.getString("pool"), row.getLong("jobs"));
            });
    return depths;
  }

  // Changing

  @Override
  public Optional<Job> start(String id, JobState.Running by) {
    return transaction.execute(
        _ -> {
          Job seen = find(id).orElse(null);
          if (seen == null || seen.state().done()) {
            return Optional.<Job>empty();
          }
          if (seen.state() instanceof JobState.Running) {
            // Its worker died and this one was faster than whoever noticed.
            if (!abandon(seen)) {
              return Optional.<Job>empty();
            }
            seen = find(id).orElseThrow();
            if (seen.state().done()) {
              return Optional.<Job>empty();
            }
          }
          if (!take(seen, by)) {
            return Optional.<Job>empty();
          }
          events.state(id, JobState.Name.RUNNING, seen.attempt() + 1);
          return find(id);
        });
  }

  private boolean take(Job seen, JobState.Running by) {
    Instant started = seen.startedAt() == null ? now() : seen.startedAt();
    return jdbc.sql(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1,"
                    + " worker = ?, device = ?, started_at = ?"
                    + " WHERE id = ? AND state = 'queued' AND attempt = ?")
            .params(by.worker(), by.device(), JobRows.time(started), seen.id(), seen.attempt())
            .update()
        == 1;
  }

  /** Puts a job back whose worker died, or fails it when that was once too often. */
  boolean takeBack(Job running) {
    return transaction.execute(_ -> abandon(running));
  }

  private boolean abandon(Job running) {
    int crashes = running.crashes() + 1;
    if (crashes > properties.crashLimit()) {
      return end(running, new JobState.Failed(crashed(running, crashes)), Report.NOTHING);
    }
    boolean mine =
        jdbc.sql(
                    "UPDATE jobs SET state = 'queued', crashes = ?"
                        + " WHERE id = ? AND state = 'running' AND attempt = ?")
                .params(crashes, running.id(), running.attempt())
                .update()
            == 1;
    if (mine) {
      events.log(running.id(), "warn", "The worker of attempt " + running.attempt() + " died");
      events.state(running.id(), JobState.Name.QUEUED, running.attempt());
    }
    return mine;
  }

  private static JobState.Failure crashed(Job job, int crashes) {
    return new JobState.Failure(
        ErrorCode.WORKER_LOST.code(),
        crashes + " attempts ended with their worker, the last on " + worker(job));
  }

  private static String worker(Job job) {
    return job.state() instanceof JobState.Running running ? running.worker() : "an unknown one";
  }

  @Override
  public boolean record(Job running, Report report) {
    return transaction.execute(
        status -> {
          boolean mine = write(running, "running", report, null);
          if (!mine) {
            status.setRollbackOnly();
          }
          return mine;
        });
  }

  @Override
  public boolean succeed(Job running, Publication publication, Report report) {
    return transaction.execute(
        status -> {
          if (!write(running, "succeeded", report, now())) {
            status.setRollbackOnly();
            return false;
          }
          ModelVersion version = models.publish(publication.version());
          JobState.AliasMove alias = move(publication, version, running.id());
          var result = new JobState.Result(version.model(), version.version(), alias);
          jdbc.sql("UPDATE jobs SET ending = ? WHERE id = ?")
              .param(JobRows.ending(new JobState.Succeeded(result)))
              .param(running.id())
              .update();
          datasets.letGo(running.id());
          events.state(running.id(), JobState.Name.SUCCEEDED, running.attempt());
          events.done(running.id());
          return true;
        });
  }

  private JobState.@Nullable AliasMove move(
      Publication publication, ModelVersion version, String jobId) {
    String alias = publication.alias();
    if (alias == null) {
      return null;
    }
    boolean moves = publication.objection() == null;
    if (moves) {
      models.moveAlias(version.model(), alias, version.version(), "job " + jobId);
    }
    return new JobState.AliasMove(alias, moves, publication.objection());
  }

  @Override
  public boolean finish(Job seen, JobState end, Report report) {
    return transaction.execute(
        status -> {
          boolean mine = end(seen, end, report);
          if (!mine) {
            status.setRollbackOnly();
          }
          return mine;
        });
  }

  private boolean end(Job seen, JobState end, Report report) {
    if (!seen.state().mayBecome(end) || !end.done()) {
      throw new IllegalStateException(seen.state() + " cannot become " + end);
    }
    if (!write(seen, JobRows.word(end.name()), report, now())) {
      return false;
    }
    jdbc.sql("UPDATE jobs SET ending = ? WHERE id = ?")
        .param(JobRows.ending(end))
        .param(seen.id())
        .update();
    datasets.letGo(seen.id());
    events.state(seen.id(), end.name(), seen.attempt());
    events.done(seen.id());
    return true;
  }

  @Override
  public boolean handBack(Job running, Report report) {
    return transaction.execute(
        status -> {
          if (!write(running, "queued", report, null)) {
            status.setRollbackOnly();
            return false;
          }
          events.state(running.id(), JobState.Name.QUEUED, running.attempt());
          return true;
        });
  }

  /** The compare-and-set all changes by a worker go through, with what it measured. */
  private boolean write(Job seen, String state, Report report, @Nullable Instant finished) {
    Job.Standing standing = report.standing();
    boolean mine =
        jdbc.sql(
                    "UPDATE jobs SET state = ?, progress = COALESCE(?, progress),"
                        + " last_record = COALESCE(?, last_record),"
                        + " best_record = COALESCE(?, best_record),"
                        + " stop_reason = COALESCE(?, stop_reason), finished_at = ?"
                        + " WHERE id = ? AND state = ? AND attempt = ?")
                .param(state)
                .param(JobRows.text(standing.progress()))
                .param(JobRows.text(standing.last()))
                .param(JobRows.text(standing.best()))
                .param(JobRows.text(standing.stopReason()))
                .param(finished == null ? null : JobRows.time(finished))
                .param(seen.id())
                .param(JobRows.word(seen.state().name()))
                .param(seen.attempt())
                .update()
            == 1;
    if (mine) {
      events.epochs(seen.id(), report.epochs(), seen.attempt() == 1);
    }
    return mine;
  }

  @Override
  public <T> T outlast(Supplier<T> change) {
    while (true) {
      try {
        return change.get();
      } catch (RuntimeException e) {
        if (!isOutage(e)) {
          throw e;
        }
        log.warn("The database is away, trying again: {}", e.toString());
        try {
          Thread.sleep(OUTAGE_PAUSE);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  @Override
  public boolean isOutage(RuntimeException failure) {
    return failure instanceof DataAccessResourceFailureException
        || failure instanceof TransientDataAccessException
        || failure instanceof RecoverableDataAccessException
        || failure instanceof CannotCreateTransactionException
        || failure instanceof TransactionSystemException;
  }

  @Override
  public boolean requestStop(String id) {
    return jdbc.sql("UPDATE jobs SET stop_requested = TRUE WHERE id = ? AND state = 'running'")
            .param(id)
            .update()
        == 1;
  }

  @Override
  public boolean delete(String id) {
    return jdbc.sql(
                "DELETE FROM jobs WHERE id = ? AND state IN ('succeeded', 'failed', 'cancelled')")
            .param(id)
            .update()
        == 1;
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
                      schedule.add(id, row.getString("pool"), JobRows.instant(row, "due_at"));
                    }));
  }

  /** Now, as exactly as both databases keep it. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
