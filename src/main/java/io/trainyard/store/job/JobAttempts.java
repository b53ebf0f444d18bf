package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.JobState.Name;
import io.trainyard.job.ProgressReport;
import io.trainyard.store.job.JobTransitions.Change;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Starts attempts at jobs, and requeues or fails their jobs. Joins the caller's transaction. */
@Component
final class JobAttempts {
  private final JobTransitions transitions;
  private final JobEndings endings;
  private final JobQueries queries;
  private final JobQueue queue;
  private final JobEventLog events;
  private final JobProperties properties;
  private final JobMemory memory;

  JobAttempts(
      JobTransitions transitions,
      JobEndings endings,
      JobQueries queries,
      JobQueue queue,
      JobEventLog events,
      JobProperties properties,
      JobMemory memory) {
    this.transitions = transitions;
    this.endings = endings;
    this.queries = queries;
    this.queue = queue;
    this.events = events;
    this.properties = properties;
    this.memory = memory;
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
        reclaim(seen);
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
   * lack of memory is tried once more at most: it would take the other work of a process with it.
   */
  boolean reclaim(Job running) {
    int crashes = running.crashes() + 1;
    String noMemory = memory.causeOfDeath(running).orElse(null);
    if (crashes > properties.crashLimit() || (noMemory != null && memory.hasFailed(running.id()))) {
      return endings.finish(
          running,
          new JobState.Failed(workerLost(running, crashes, noMemory)),
          ProgressReport.EMPTY);
    }
    if (!transitions.transition(
        running, Name.QUEUED, Change.crash(ProgressReport.EMPTY, crashes))) {
      return false;
    }
    String reason = noMemory == null ? "" : " for lack of memory: " + noMemory;
    if (noMemory != null) {
      memory.countFailure(running.id());
    }
    events.log(
        running.id(), "warn", "The worker of attempt " + running.attempt() + " died" + reason);
    reportQueued(running);
    return true;
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

  boolean record(Job running, ProgressReport report) {
    return transitions.transition(running, Name.RUNNING, Change.of(report));
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
    int crashes = queries.find(running.id()).map(Job::crashes).orElse(0) + 1;
    boolean noMemory = cause.code().equals(ErrorCode.OUT_OF_MEMORY.code());
    if (crashes > properties.crashLimit() || (noMemory && memory.hasFailed(running.id()))) {
      return endings.finish(running, new JobState.Failed(cause), report);
    }
    if (!transitions.transition(running, Name.QUEUED, Change.crash(report, crashes))) {
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

  private void reportQueued(Job job) {
    events.queued(job.id(), job.attempt(), queue.position(job));
  }
}
