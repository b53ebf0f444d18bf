package io.trainyard.store.job;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.job.Attempts.Predicted;
import io.trainyard.job.Attempts.Publication;
import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.Task;
import io.trainyard.model.Alias;
import io.trainyard.model.AliasStore;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.model.VersionStore;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.job.JobTransitions.Change;
import io.trainyard.train.EpochRecord;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Ends jobs: state, version, holds and last events. Joins the caller's transaction. */
@Component
record JobEndings(
    JdbcClient jdbc,
    JobTransitions transitions,
    VersionStore versions,
    AliasStore aliases,
    DerivedDatasets datasets,
    JobHolds holds,
    JobEventLog events,
    JobValues values,
    JdbcPromisedAliases promises) {
  private static final int BATCH = 100;

  /** A statement has a parameter for each job, and may have some ten thousand. */
  private static final int MOST_AT_ONCE = 5_000;

  /** Publishes a version and ends its job; false when the job has changed since it was read. */
  boolean succeed(Job running, Publication publication, ProgressReport report) {
    // The state first: it locks the row, so that of two callers only one publishes.
    if (!transitions.transition(running, JobState.Name.SUCCEEDED, Change.of(report))) {
      return false;
    }
    ModelVersion version = versions.publish(publication.version(), publication.mayServeFirst());
    storeEvaluation(running.id(), publication.evaluation());
    end(
        running,
        new JobState.Succeeded(
            new JobState.Result(
                version.model(),
                version.version(),
                move(publication, version, running.id()),
                ensemble(version),
                DefaultVersion.of(aliases.list(version.model()), version.version())),
            publication.learningRates(),
            publication.baseline(),
            publication.forms().toJson()));
    return true;
  }

  private static @Nullable EnsembleChoice ensemble(ModelVersion version) {
    return version.provenance() instanceof Provenance.Trained trained ? trained.ensemble() : null;
  }

  private JobState.@Nullable AliasMove move(
      Publication publication, ModelVersion version, String job) {
    String alias = publication.alias();
    if (alias == null) {
      return null;
    }
    if (publication.moves() && publication.delay() != null) {
      return new JobState.AliasMove(
          alias, false, promises.add(job, version, alias, publication.delay()));
    }
    boolean moves = publication.objection() == null;
    if (moves) {
      aliases.move(
          version.model(), alias, version.version(), Alias.Move.byJob(job), Precondition.none());
    }
    return new JobState.AliasMove(alias, moves, publication.objection());
  }

  private void storeEvaluation(String job, String evaluation) {
    jdbc.sql("insert into job_evaluations (job_id, evaluation) values (:job, :evaluation)")
        .param("job", job)
        .param("evaluation", evaluation)
        .update();
  }

  /** Publishes a dataset version and ends its job; false as {@link #succeed}. */
  boolean succeed(Job running, Predicted predicted, ProgressReport report) {
    JobProgress current = report.progress();
    EpochRecord measured =
        predicted.measured().values().isEmpty() && predicted.measured().notes().isEmpty()
            ? null
            : new EpochRecord(
                0,
                "",
                predicted.measured().values(),
                0,
                0,
                Map.of(),
                Map.of(),
                predicted.measured().notes());
    ProgressReport last =
        new ProgressReport(
            List.of(),
            report.frames(),
            report.notes(),
            new JobProgress(current.current(), measured, null, null),
            report.repeated());
    if (!transitions.transition(running, JobState.Name.SUCCEEDED, Change.of(last))) {
      return false;
    }
    DatasetVersion version = datasets.publish(predicted.dataset(), owner(running));
    SkippedRows skipped = predicted.skipped();
    if (predicted.evaluation() != null) {
      storeEvaluation(running.id(), predicted.evaluation());
    }
    end(
        running,
        new JobState.Succeeded(
            new JobState.PredictedDataset(
                version.name(),
                version.version(),
                version.rows(),
                skipped == null ? null : new JobState.Skipped(skipped.count(), skipped.reasons()),
                predicted.decisions()),
            null,
            null,
            predicted.forms().toJson()));
    return true;
  }

  /** Whose quota counts what a job publishes. */
  private @Nullable String owner(Job job) {
    return jdbc.sql("select owner from jobs where id = :id and owner is not null")
        .param("id", job.id())
        .query(String.class)
        .optional()
        .orElse(null);
  }

  /** Ends a job without a version; false when the job has changed since it was read. */
  boolean finish(Job seen, JobState end, ProgressReport report) {
    if (!end.done()) {
      throw new IllegalArgumentException(end.name().word() + " is not an end");
    }
    if (!transitions.transition(seen, end.name(), Change.of(report))) {
      return false;
    }
    end(seen, end);
    return true;
  }

  private void end(Job job, JobState end) {
    jdbc.sql("update jobs set ending = :ending where id = :id")
        .param("ending", StoredEnding.write(end))
        .param("id", job.id())
        .update();
    values.store(job.id());
    holds.release(job.id());
    if (job.task() instanceof Task.Sweep) {
      cancelTrainings(job.id());
    }
    events.state(job.id(), end.name(), job.attempt());
    events.done(job.id());
  }

  private void cancelTrainings(String sweep) {
    cancelTrainings(
        jdbc.sql("select id from jobs where sweep = :sweep and state in (:unfinished)")
            .param("sweep", sweep)
            .param("unfinished", JobRows.UNFINISHED)
            .query(String.class)
            .list());
  }

  /** Cancels those trainings of a sweep that have not ended; the sweep has their holds. */
  void cancelTrainings(Collection<String> trainings) {
    List<String> left = List.copyOf(trainings);
    for (int from = 0; from < left.size(); from += MOST_AT_ONCE) {
      List<JobTransitions.Cancelled> cancelled =
          transitions.cancel(left.subList(from, Math.min(left.size(), from + MOST_AT_ONCE)));
      cancelled.stream()
          .filter(JobTransitions.Cancelled::hasRecords)
          .forEach(each -> values.store(each.id()));
      events.cancelled(cancelled);
    }
  }

  /** Asks a running job to end; false when it has changed since it was read. */
  boolean requestStop(Job seen) {
    return jdbc.sql(
                "update jobs set stop_requested = true"
                    + JobRows.OWNED
                    + " and stop_requested = :requested")
            .params(JobRows.owned(seen.id(), seen.attempt()))
            .param("requested", seen.stopRequested())
            .update()
        == 1;
  }

  /** Deletes a job that has ended; false for others. */
  boolean delete(String id) {
    boolean deleted =
        jdbc.sql("delete from jobs where id = :id and state in (:ended)")
                .param("id", id)
                .param("ended", JobRows.ENDED)
                .update()
            == 1;
    if (deleted) {
      deleteTrainings(id);
    }
    return deleted;
  }

  private void deleteTrainings(String sweep) {
    jdbc.sql("delete from jobs where sweep = :sweep").param("sweep", sweep).update();
  }

  /** Deletes jobs in small batches; each delete is a transaction. */
  void deleteEndedBefore(Instant oldest) {
    List<String> expired;
    do {
      expired =
          jdbc.sql(
                  "select id from jobs where finished_at < :oldest and trial is null"
                      + " order by finished_at"
                      + " fetch first "
                      + BATCH
                      + " rows only")
              .param("oldest", Timestamps.time(oldest))
              .query(String.class)
              .list();
      expired.forEach(
          id -> {
            deleteTrainings(id);
            jdbc.sql("delete from jobs where id = :id").param("id", id).update();
          });
    } while (expired.size() == BATCH);
  }
}
