package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.sweep.SweepStore;
import io.trainyard.job.sweep.SweepTraining;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Sweeps in the database; their rows are those of jobs. */
@Component
record JdbcSweepStore(
    JdbcClient jdbc,
    TransactionTemplate transaction,
    JobAdmission admission,
    JobEndings endings,
    JobEventLog events,
    Clock clock)
    implements SweepStore {
  /** A job that waits for less time may get a slot that is free. */
  private static final Duration WAITS = Duration.ofSeconds(1);

  @Override
  public void submit(Job sweep, List<Job> trainings, @Nullable JsonNode model) {
    admission.submit(sweep, trainings, model);
  }

  @Override
  public List<SweepTraining> trainings(String sweep) {
    return trainings(jdbc, sweep);
  }

  static List<SweepTraining> trainings(JdbcClient jdbc, String sweep) {
    return jdbc.sql(
            "select id, trial, trial_parameters, state, crashes, last_record, best_record,"
                + " ending from jobs where sweep = :sweep and trial is not null"
                + " order by trial, fold")
        .param("sweep", sweep)
        .query(JdbcSweepStore::training)
        .list();
  }

  private static SweepTraining training(ResultSet row, int number) throws SQLException {
    JobState.Name state = JobRows.stateName(row.getString("state"));
    return new SweepTraining(
        row.getString("id"),
        row.getInt("trial"),
        JobRows.trialParameters(row),
        state,
        row.getInt("crashes"),
        JobRows.epoch(row, "last_record"),
        JobRows.epoch(row, "best_record"),
        state == JobState.Name.FAILED ? JobRows.failure(row) : null);
  }

  @Override
  public void addRefit(Job sweep, Job refit) {
    transaction.executeWithoutResult(
        _ -> {
          // The sweep's row is locked, so that of two workers only one adds a refit.
          if (advances(sweep)
              && trainings(sweep.id()).stream().noneMatch(each -> each.trial() == 0)) {
            admission.insertRefit(sweep.id(), refit);
          }
        });
  }

  @Override
  public void cancel(Collection<String> trainings) {
    transaction.executeWithoutResult(_ -> endings.cancelTrainings(trainings));
  }

  @Override
  public void report(Job sweep, String message) {
    transaction.executeWithoutResult(
        _ -> {
          if (advances(sweep)) {
            events.log(sweep.id(), "info", message);
          }
        });
  }

  /** Notes that the worker of a sweep has got further; false when the sweep is no longer its. */
  private boolean advances(Job sweep) {
    return jdbc.sql("update jobs set crashes = 0" + JobRows.OWNED)
            .params(JobRows.owned(sweep.id(), sweep.attempt()))
            .update()
        == 1;
  }

  @Override
  public boolean mustYield(Job sweep) {
    OffsetDateTime due = Timestamps.time(due(sweep));
    // A job that is retried later is scheduled for later, and does not count.
    boolean yields =
        jdbc.sql(
                    "select count(*) from scheduled_tasks t join jobs j on j.id = t.task_instance"
                        + " where t.task_name = :queue and t.picked = false"
                        + " and t.execution_time < :due and"
                        + " j.kind <> :sweep and j.created_at < :before")
                .param("queue", JobSchedule.task(sweep.task().placement().pool()).getTaskName())
                .param("due", due)
                .param("sweep", Task.Sweep.KIND)
                .param("before", Timestamps.time(clock.instant().minus(WAITS)))
                .query(Integer.class)
                .single()
            > 0;
    if (yields) {
      // It waits behind the job that it yields to.
      jdbc.sql("update jobs set due_at = :due where id = :id and due_at < :due")
          .param("due", due)
          .param("id", sweep.id())
          .update();
    }
    return yields;
  }

  /** When the next training of a sweep is due; without one, the sweep. */
  private Instant due(Job sweep) {
    return jdbc.sql(
            "select coalesce((select min(t.due_at) from jobs t"
                + " where t.sweep = s.id and t.state = :queued), s.due_at) as due"
                + " from jobs s where s.id = :id")
        .param("queued", JobState.Name.QUEUED.word())
        .param("id", sweep.id())
        .query((row, _) -> Timestamps.instant(row, "due"))
        .optional()
        .orElse(sweep.createdAt());
  }
}
