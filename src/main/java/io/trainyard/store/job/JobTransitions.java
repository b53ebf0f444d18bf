package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.store.database.Timestamps;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes the states of jobs: no other class writes that column. Every change is one that {@link
 * JobState.Name#mayBecome} allows. {@link #transition} joins the caller's transaction; {@link
 * #change} opens one.
 */
@Component
record JobTransitions(
    JdbcClient jdbc,
    TransactionTemplate transaction,
    JobEventLog events,
    JobFrames frames,
    Clock clock) {
  /** The new state, and that it is the last. */
  private static final int EVENTS_OF_END = 2;

  /** Runs a change in a transaction, which is rolled back when the change is refused. */
  boolean change(BooleanSupplier change) {
    return transaction.execute(
        status -> {
          boolean changed = change.getAsBoolean();
          if (!changed) {
            status.setRollbackOnly();
          }
          return changed;
        });
  }

  /**
   * What changes with the state.
   *
   * @param report the measurements to store
   * @param start the worker that starts a new attempt, or null
   * @param crashes the new number of crashes; null leaves it
   */
  record Change(
      ProgressReport report, JobState.@Nullable Running start, @Nullable Integer crashes) {
    static Change of(ProgressReport report) {
      return new Change(report, null, null);
    }

    static Change start(JobState.Running by) {
      return new Change(ProgressReport.EMPTY, by, null);
    }

    static Change crash(ProgressReport report, int crashes) {
      return new Change(report, null, crashes);
    }
  }

  /**
   * Changes a job unless its state or attempt has changed since it was read.
   *
   * @return whether the job was changed
   * @throws IllegalStateException when the change is not allowed
   */
  boolean transition(Job seen, JobState.Name next, Change change) {
    JobState.Name state = seen.state().name();
    if (!state.mayBecome(next)) {
      throw new IllegalStateException(
          "job " + seen.id() + " is " + state.word() + " and cannot become " + next.word());
    }
    JobProgress progress = change.report().progress();
    JobState.Running start = change.start();
    boolean changed =
        jdbc.sql(
                    "update jobs set state = :next, attempt = attempt + :starts,"
                        + " crashes = coalesce(:crashes, crashes),"
                        + " worker = coalesce(:worker, worker),"
                        + " device = coalesce(:device, device),"
                        + " progress = coalesce(:progress, progress),"
                        + " last_record = coalesce(:last, last_record),"
                        + " best_record = coalesce(:best, best_record),"
                        + " stop_reason = coalesce(:reason, stop_reason),"
                        + " started_at = coalesce(started_at, :started), finished_at = :finished"
                        + " where id = :id and state = :state and attempt = :attempt")
                .param("next", next.word())
                .param("starts", start == null ? 0 : 1)
                .param("crashes", change.crashes())
                .param("worker", start == null ? null : start.worker())
                .param("device", start == null ? null : start.device().code())
                .param("progress", JobRows.text(progress.current()))
                .param("last", JobRows.text(progress.last()))
                .param("best", JobRows.text(progress.best()))
                .param("reason", JobRows.text(progress.stopReason()))
                .param("started", start == null ? null : Timestamps.now(clock))
                .param("finished", next.done() ? Timestamps.now(clock) : null)
                .param("id", seen.id())
                .param("state", state.word())
                .param("attempt", seen.attempt())
                .update()
            == 1;
    if (changed) {
      boolean first = seen.attempt() == 1 && !change.report().repeated();
      events.epochs(seen.id(), change.report().epochs(), first);
      frames.add(seen.id(), change.report().frames());
      events.notes(seen.id(), change.report().notes());
    }
    return changed;
  }

  /**
   * A job that was cancelled.
   *
   * @param lastEvent the number of its last event
   * @param hasRecords whether it has measured something
   */
  record Cancelled(String id, int attempt, int lastEvent, boolean hasRecords) {}

  /**
   * Cancels those of these jobs that have not ended, by as many statements for a thousand as for
   * one. A worker that starts one at the same time finds it ended.
   */
  List<Cancelled> cancel(Collection<String> jobs) {
    List<Cancelled> open =
        jdbc.sql(
                "select id, attempt, last_event,"
                    + " last_record is not null or best_record is not null as has_records"
                    + " from jobs where id in (:jobs) and state in (:unfinished)"
                    + " order by id for update")
            .param("jobs", jobs)
            .param("unfinished", JobRows.UNFINISHED)
            .query(
                (row, _) ->
                    new Cancelled(
                        row.getString("id"),
                        row.getInt("attempt"),
                        row.getInt("last_event") + EVENTS_OF_END,
                        row.getBoolean("has_records")))
            .list();
    if (!open.isEmpty()) {
      jdbc.sql(
              "update jobs set state = :cancelled, finished_at = :now,"
                  + " measured = last_record is null and best_record is null,"
                  + " last_event = last_event + :events where id in (:jobs)")
          .param("events", EVENTS_OF_END)
          .param("cancelled", JobState.Name.CANCELLED.word())
          .param("now", Timestamps.now(clock))
          .param("jobs", open.stream().map(Cancelled::id).toList())
          .update();
    }
    return open;
  }
}
