package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.event.JobEvent;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.store.database.Outage;
import io.trainyard.store.database.Timestamps;
import io.trainyard.train.EpochRecord;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs in the database that all processes share. */
@Component
public final class JdbcJobStore implements JobStore {
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JobAdmission admission;
  private final JobQueries queries;
  private final JobEventLog events;
  private final JobHolds holds;
  private final JobPublisher publisher;
  private final JobProperties properties;
  private final Clock clock;

  JdbcJobStore(
      JdbcOperations operations,
      PlatformTransactionManager transactions,
      JobSchedule schedule,
      ModelCatalogue models,
      JobHolds holds,
      JobPublisher publisher,
      JobProperties properties,
      Clock clock) {
    this.jdbc = JdbcClient.create(operations);
    this.transaction = new TransactionTemplate(transactions);
    this.events = new JobEventLog(jdbc, operations, clock);
    this.queries = new JobQueries(jdbc);
    this.admission =
        new JobAdmission(jdbc, transaction, queries, events, schedule, models, holds, properties);
    this.holds = holds;
    this.publisher = publisher;
    this.properties = properties;
    this.clock = clock;
  }

  // Submission

  @Override
  public void submit(Job job, boolean storeModel) {
    admission.submit(job, storeModel);
  }

  // Looking

  @Override
  public Optional<Job> find(String id) {
    return queries.find(id);
  }

  @Override
  public List<Job> list(JobFilter filter, int limit) {
    return queries.list(filter, limit);
  }

  @Override
  public Map<String, Integer> queuePositions(Collection<Job> queued) {
    return queries.queuePositions(queued);
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
    return queries.lastEvents(ids);
  }

  @Override
  public Map<String, Signal> signals(Collection<String> ids) {
    return queries.signals(ids);
  }

  @Override
  public Map<JobState.Name, Long> countByState() {
    return queries.countByState();
  }

  @Override
  public Map<String, Long> queueDepths() {
    return queries.queueDepths();
  }

  // Changing

  @Override
  public Optional<Job> start(String id, JobState.Running by) {
    return transaction.execute(_ -> startOnce(id, by));
  }

  private Optional<Job> startOnce(String id, JobState.Running by) {
    if (isPickedByAnother(id, by)) {
      return Optional.empty();
    }
    Job seen = find(id).orElse(null);
    while (seen != null && !seen.state().done()) {
      if (seen.state() instanceof JobState.Running) {
        // Its worker died and this one was faster than whoever noticed, or as fast.
        abandon(seen);
      } else if (take(seen, by)) {
        events.state(id, JobState.Name.RUNNING, seen.attempt() + 1);
        return find(id);
      }
      seen = find(id).orElse(null);
    }
    return Optional.empty();
  }

  /** Whoever was held up since it picked the job may find that its place is another's by now. */
  private boolean isPickedByAnother(String id, JobState.Running by) {
    return jdbc.sql(
                "SELECT COUNT(*) FROM scheduled_tasks"
                    + " WHERE task_instance = ? AND picked = TRUE AND picked_by <> ?")
            .params(id, by.worker())
            .query(Integer.class)
            .single()
        > 0;
  }

  private boolean take(Job seen, JobState.Running by) {
    Instant started = seen.startedAt() == null ? now() : seen.startedAt();
    return jdbc.sql(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1,"
                    + " worker = ?, device = ?, started_at = ?"
                    + " WHERE id = ? AND state = 'queued' AND attempt = ?")
            .params(
                by.worker(),
                by.device().code(),
                Timestamps.time(started),
                seen.id(),
                seen.attempt())
            .update()
        == 1;
  }

  /** Puts a job back whose worker died, or fails it when that was once too often. */
  boolean reclaim(Job running) {
    return transaction.execute(_ -> abandon(running));
  }

  private boolean abandon(Job running) {
    int crashes = running.crashes() + 1;
    if (crashes > properties.crashLimit()) {
      return end(running, new JobState.Failed(crashed(running, crashes)), ProgressReport.NOTHING);
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
      waits(running);
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
  public boolean record(Job running, ProgressReport report) {
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
  public boolean succeed(Job running, Publication publication, ProgressReport report) {
    return transaction.execute(
        status -> {
          if (!write(running, "succeeded", report, now())) {
            status.setRollbackOnly();
            return false;
          }
          JobState.Result result = publisher.publish(publication, running.id());
          jdbc.sql("UPDATE jobs SET ending = ? WHERE id = ?")
              .param(JobRows.ending(new JobState.Succeeded(result)))
              .param(running.id())
              .update();
          holds.release(running.id());
          events.state(running.id(), JobState.Name.SUCCEEDED, running.attempt());
          events.done(running.id());
          return true;
        });
  }

  @Override
  public boolean finish(Job seen, JobState end, ProgressReport report) {
    return transaction.execute(
        status -> {
          boolean mine = end(seen, end, report);
          if (!mine) {
            status.setRollbackOnly();
          }
          return mine;
        });
  }

  private boolean end(Job seen, JobState end, ProgressReport report) {
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
    holds.release(seen.id());
    events.state(seen.id(), end.name(), seen.attempt());
    events.done(seen.id());
    return true;
  }

  @Override
  public boolean requeue(Job running, ProgressReport report) {
    return transaction.execute(
        status -> {
          if (!write(running, "queued", report, null)) {
            status.setRollbackOnly();
            return false;
          }
          waits(running);
          return true;
        });
  }

  @Override
  public boolean retryLater(Job running, JobState.Failure why, ProgressReport report) {
    return transaction.execute(
        status -> {
          int times = find(running.id()).map(Job::crashes).orElse(0) + 1;
          boolean mine =
              times > properties.crashLimit()
                  ? end(running, new JobState.Failed(why), report)
                  : postpone(running, why, report, times);
          if (!mine) {
            status.setRollbackOnly();
          }
          return mine;
        });
  }

  private boolean postpone(Job running, JobState.Failure why, ProgressReport report, int times) {
    if (!write(running, "queued", report, null)) {
      return false;
    }
    jdbc.sql("UPDATE jobs SET crashes = ? WHERE id = ?").params(times, running.id()).update();
    events.log(
        running.id(),
        "warn",
        "Attempt " + running.attempt() + " did not get through: " + why.detail());
    waits(running);
    return true;
  }

  private void waits(Job again) {
    int position = queries.queuePositions(List.of(again)).getOrDefault(again.id(), 1);
    events.queued(again.id(), again.attempt(), position);
  }

  /** The compare-and-set all changes by a worker go through, with what it measured. */
  private boolean write(Job seen, String state, ProgressReport report, @Nullable Instant finished) {
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
                .param(finished == null ? null : Timestamps.time(finished))
                .param(seen.id())
                .param(JobRows.word(seen.state().name()))
                .param(seen.attempt())
                .update()
            == 1;
    if (mine) {
      boolean first = seen.attempt() == 1 && !report.repeated();
      events.epochs(seen.id(), report.epochs(), first);
    }
    return mine;
  }

  @Override
  public <T> T retryWhileDown(Supplier<T> change) {
    return Outage.retryWhileDown(change);
  }

  @Override
  public boolean isOutage(RuntimeException failure) {
    return Outage.is(failure);
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
    admission.mendQueue();
  }

  /** Now, as exactly as both databases keep it. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
