package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Attempts;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.ProgressReport;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.job.JobTransitions.Change;
import io.trainyard.train.Progress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Starts attempts at jobs, and ends or requeues their jobs: each call is one transaction. */
@Component
record JobAttempts(
    JdbcClient jdbc,
    JobTransitions transitions,
    JobEndings endings,
    JdbcJobStore jobs,
    JobQueue queue,
    JobEventLog events,
    JobProperties properties,
    JobMemory memory,
    JobCrashes crashes)
    implements Attempts {
  /** How often the result of a job is published while others change its name. */
  private static final int PUBLICATIONS = 5;

  /** A second crash is no accident. */
  private static final int MAX_NATIVE_CRASHES = 2;

  /**
   * What a job has to do with the death of its worker.
   *
   * @param cause what ended the worker; empty when unknown
   */
  record Blame(Kind kind, String cause) {
    /** The worker is gone, and nobody knows why. */
    static final Blame UNKNOWN = new Blame(Kind.UNKNOWN, "");

    /** The part of the job. */
    enum Kind {
      /** Native code crashed while it computed this job. */
      CAUSE,
      /** Native code crashed, or memory ran out, in this job or another one. */
      SUSPECT,
      /** Something else crashed. */
      BYSTANDER,
      /** The worker was killed, or is lost. */
      UNKNOWN
    }

    /** The cause, to follow "died". */
    String words() {
      return cause.isEmpty() ? "" : ": " + cause;
    }
  }

  @Override
  public Optional<Job> start(String id, JobState.Running by) {
    return transitions.transaction().execute(_ -> startOwn(id, by));
  }

  private Optional<Job> startOwn(String id, JobState.Running by) {
    // A worker may be paused after picking a job, until another one picks it.
    if (queue.isPickedByAnother(id, by.worker())) {
      return Optional.empty();
    }
    Job seen = jobs.find(id).orElse(null);
    while (seen != null && !seen.state().done()) {
      if (seen.state() instanceof JobState.Running) {
        // Its worker died, and nobody has reclaimed the job yet.
        blame(seen, Blame.UNKNOWN);
      } else if (transitions.transition(seen, Name.RUNNING, Change.start(by))) {
        memory.start(id);
        events.state(id, Name.RUNNING, seen.attempt() + 1);
        return jobs.find(id);
      }
      seen = jobs.find(id).orElse(null);
    }
    return Optional.empty();
  }

  /**
   * Requeues a job whose worker died; a job with too many crashes fails. One whose worker died for
   * lack of memory, or crashed in native code, is tried once more at most: it would take the other
   * work of a process with it.
   */
  boolean reclaim(Job running, Blame blame) {
    return transitions.change(() -> blame(running, blame));
  }

  private boolean blame(Job running, Blame blame) {
    return switch (blame.kind()) {
      case CAUSE ->
          crashes.count(running.id()) >= MAX_NATIVE_CRASHES
              ? fail(running, crashed(running, blame))
              : requeue(running, running.crashes() + 1, blame.words());
      case SUSPECT -> {
        crashes.suspect(running.id());
        yield requeue(running, running.crashes(), blame.words() + "; the job runs alone next");
      }
      case BYSTANDER -> requeue(running, running.crashes(), blame.words() + ", in other work");
      case UNKNOWN -> reclaimLost(running, blame);
    };
  }

  private boolean reclaimLost(Job running, Blame blame) {
    int crashed = running.crashes() + 1;
    String noMemory = memory.causeOfDeath(running).orElse(null);
    if (crashed > properties.crashLimit() || (noMemory != null && memory.hasFailed(running.id()))) {
      return fail(running, workerLost(running, crashed, noMemory));
    }
    String reason = noMemory == null ? blame.words() : " for lack of memory: " + noMemory;
    if (!requeue(running, crashed, reason)) {
      return false;
    }
    if (noMemory != null) {
      memory.countFailure(running.id());
    }
    return true;
  }

  private boolean fail(Job running, JobState.Failure failure) {
    return endings.finish(running, new JobState.Failed(failure), ProgressReport.EMPTY);
  }

  private boolean requeue(Job running, int crashed, String reason) {
    if (!transitions.transition(
        running, Name.QUEUED, Change.crash(ProgressReport.EMPTY, crashed))) {
      return false;
    }
    events.log(
        running.id(), "warn", "The worker of attempt " + running.attempt() + " died" + reason);
    reportQueued(running);
    return true;
  }

  /** The last progress says how far the job was. */
  private static JobState.Failure crashed(Job job, Blame blame) {
    Progress last = job.progress().current();
    String place =
        last == null
            ? "before its first step was reported"
            : "after epoch %d, step %d".formatted(last.epoch(), last.step());
    return new JobState.Failure(
        ErrorCode.WORKER_CRASHED.code(),
        "Native code crashed twice while it computed this job, the last time %s: %s"
            .formatted(place, blame.cause()),
        last == null ? null : last.epoch(),
        last == null ? null : last.step(),
        null);
  }

  private static JobState.Failure workerLost(Job job, int crashes, @Nullable String noMemory) {
    String worker =
        job.state() instanceof JobState.Running running ? running.worker() : "an unknown worker";
    if (noMemory != null) {
      return new JobState.Failure(
          ErrorCode.OUT_OF_MEMORY.code(),
          "Worker "
              + worker
              + " ended for lack of memory: "
              + noMemory
              + ". A smaller batch_size needs less");
    }
    return new JobState.Failure(
        ErrorCode.WORKER_LOST.code(),
        crashes + " attempts ended with their worker, the last on " + worker);
  }

  @Override
  public Optional<Duration> waitToRunAlone(String id) {
    return crashes.isSuspect(id) ? Optional.of(events.inState(id)) : Optional.empty();
  }

  @Override
  public @Nullable String traceparent(String id) {
    return jdbc.sql("select traceparent from jobs where id = :id and traceparent is not null")
        .param("id", id)
        .query(String.class)
        .optional()
        .orElse(null);
  }

  @Override
  public boolean record(Job running, ProgressReport report) {
    return transitions.change(
        () -> transitions.transition(running, Name.RUNNING, Change.of(report)));
  }

  @Override
  public boolean recordThreads(Job running, int threads) {
    return jdbc.sql("update jobs set threads = :threads" + JobRows.OWNED)
            .param("threads", threads)
            .params(JobRows.owned(running.id(), running.attempt()))
            .update()
        == 1;
  }

  @Override
  public boolean recordMemory(Job running, MemoryUse use) {
    return memory.record(running, use);
  }

  @Override
  public Map<String, Signal> signals(Collection<String> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    Map<String, Signal> signals = new HashMap<>();
    jdbc.sql("select id, state, attempt, stop_requested from jobs where id in (:ids)")
        .param("ids", ids)
        .query(
            ReadableRows.list(
                row ->
                    Map.entry(
                        row.getString("id"),
                        new Signal(
                            JobRows.stateName(row.getString("state")),
                            row.getInt("attempt"),
                            row.getBoolean("stop_requested")))))
        .forEach(job -> signals.put(job.getKey(), job.getValue()));
    return signals;
  }

  @Override
  public boolean succeed(Job running, Publication publication, ProgressReport report) {
    return publish(() -> endings.succeed(running, publication, report));
  }

  @Override
  public boolean succeed(Job running, Predicted predicted, ProgressReport report) {
    return publish(() -> endings.succeed(running, predicted, report));
  }

  private boolean publish(BooleanSupplier end) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transitions.change(end);
      } catch (DuplicateKeyException e) {
        // Another caller created the model, the dataset, or a version of the same bytes just now.
        if (attempt == PUBLICATIONS) {
          throw e;
        }
      }
    }
  }

  @Override
  public boolean finish(Job running, JobState end, ProgressReport report) {
    return transitions.change(() -> endings.finish(running, end, report));
  }

  @Override
  public boolean requeue(Job running, ProgressReport report) {
    return transitions.change(
        () -> {
          if (!transitions.transition(running, Name.QUEUED, Change.of(report))) {
            return false;
          }
          reportQueued(running);
          return true;
        });
  }

  @Override
  public boolean retryLater(Job running, JobState.Failure cause, ProgressReport report) {
    return transitions.change(() -> retry(running, cause, report));
  }

  private boolean retry(Job running, JobState.Failure cause, ProgressReport report) {
    // A checkpoint may have reset the number since the attempt started.
    int crashed = jobs.find(running.id()).map(Job::crashes).orElse(0) + 1;
    boolean noMemory = cause.code().equals(ErrorCode.OUT_OF_MEMORY.code());
    if (crashed > properties.crashLimit() || (noMemory && memory.hasFailed(running.id()))) {
      return endings.finish(running, new JobState.Failed(cause), report);
    }
    if (!transitions.transition(running, Name.QUEUED, Change.crash(report, crashed))) {
      return false;
    }
    if (noMemory) {
      memory.countFailure(running.id());
    }
    events.log(
        running.id(), "warn", "Attempt " + running.attempt() + " ended early: " + cause.detail());
    reportQueued(running);
    return true;
  }

  @Override
  public boolean awaitDevice(Job running, JobState.Failure shortage, ProgressReport report) {
    return transitions.change(() -> await(running, shortage, report));
  }

  private boolean await(Job running, JobState.Failure shortage, ProgressReport report) {
    Duration most = properties.deviceWait();
    if (events.waited(running.id()).compareTo(most) >= 0) {
      ChronoUnit unit =
          most.equals(most.truncatedTo(ChronoUnit.HOURS)) ? ChronoUnit.HOURS : ChronoUnit.SECONDS;
      var failure =
          new JobState.Failure(
              shortage.code(),
              "The job has waited for %s, trainyard.jobs.device-wait, for %s. Others hold the memory of the device; submit the job again when they have ended"
                  .formatted(DurationStyle.SIMPLE.print(most, unit), shortage.detail()));
      return endings.finish(running, new JobState.Failed(failure), report);
    }
    if (!transitions.transition(running, Name.QUEUED, Change.of(report))) {
      return false;
    }
    events.waits(running.id(), shortage.detail());
    reportQueued(running);
    return true;
  }

  private void reportQueued(Job job) {
    if (job.task().isScheduled()) {
      events.queued(job.id(), job.attempt(), queue.position(job));
    } else {
      events.state(job.id(), Name.QUEUED, job.attempt());
    }
  }
}
