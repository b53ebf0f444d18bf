package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.JobStore;
import io.trainyard.job.ProgressReport;
import io.trainyard.store.job.JobTransitions.Change;
import io.trainyard.train.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.stereotype.Component;

/** Starts attempts at jobs, and requeues or fails their jobs. Joins the caller's transaction. */
@Component
record JobAttempts(
    JobTransitions transitions,
    JobEndings endings,
    JobQueries queries,
    JobQueue queue,
    JobEventLog events,
    JobProperties properties,
    JobMemory memory,
    JobCrashes crashes) {
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

  Optional<Job> start(String id, JobState.Running by) {
    // A worker may be paused after picking a job, until another one picks it.
    if (queue.isPickedByAnother(id, by.worker())) {
      return Optional.empty();
    }
    Job seen = queries.find(id).orElse(null);
    while (seen != null && !seen.state().done()) {
      if (seen.state() instanceof JobState.Running) {
        // Its worker died, and nobody has reclaimed the job yet.
        reclaim(seen, Blame.UNKNOWN);
      } else if (transitions.transition(seen, Name.RUNNING, Change.start(by))) {
        memory.start(id);
        events.state(id, Name.RUNNING, seen.attempt() + 1);
        return queries.find(id);
      }
      seen = queries.find(id).orElse(null);
    }
    return Optional.empty();
  }

  /**
   * Requeues a job whose worker died; a job with too many crashes fails. One whose worker died for
   * lack of memory, or crashed in native code, is tried once more at most: it would take the other
   * work of a process with it.
   */
  boolean reclaim(Job running, Blame blame) {
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

  /** Whether the job may have crashed its worker while others ran there. */
  boolean runsAlone(String id) {
    return crashes.isSuspect(id);
  }

  boolean record(Job running, ProgressReport report) {
    return transitions.transition(running, Name.RUNNING, Change.of(report));
  }

  boolean recordThreads(Job running, int threads) {
    return transitions.recordThreads(running, threads);
  }

  boolean requeue(Job running, ProgressReport report) {
    if (!transitions.transition(running, Name.QUEUED, Change.of(report))) {
      return false;
    }
    reportQueued(running);
    return true;
  }

  boolean retryLater(Job running, JobState.Failure cause, ProgressReport report) {
    // A checkpoint may have reset the number since the attempt started.
    int crashed = queries.find(running.id()).map(Job::crashes).orElse(0) + 1;
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

  boolean awaitDevice(Job running, JobState.Failure shortage, ProgressReport report) {
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

  /** The attempts that queued jobs wait for, with what ended the ones before. */
  Map<String, JobStore.Retry> retries(Collection<Job> queued) {
    Map<String, Instant> times = queue.retries(queued);
    Map<String, String> reasons = events.lastMessages(times.keySet());
    Map<String, JobStore.Retry> retries = new HashMap<>();
    times.forEach(
        (job, at) -> retries.put(job, new JobStore.Retry(at, reasons.getOrDefault(job, ""))));
    return retries;
  }

  private void reportQueued(Job job) {
    if (job.task().isScheduled()) {
      events.queued(job.id(), job.attempt(), queue.position(job));
    } else {
      events.state(job.id(), Name.QUEUED, job.attempt());
    }
  }
}
