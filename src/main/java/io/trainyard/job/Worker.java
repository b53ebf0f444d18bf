package io.trainyard.job;

import io.trainyard.engine.DeviceShortageException;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/**
 * Runs jobs, each on its caller's thread. A worker owns a job while its attempt is the job's
 * current one; after another worker starts an attempt, the store refuses all changes of this one.
 */
@Component
public final class Worker {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final JobState CANCELLED = new JobState.Cancelled();

  private final JobStore jobs;
  private final Attempts attempts;
  private final Outages outages;
  private final RunningJobs running;
  private final TrainingAttempt training;
  private final AliasWarmUp warmUp;
  private final BusyRetries retries;
  private final JobProperties properties;
  private final JobMeasurements metrics;
  private final SuspectTurns turns = new SuspectTurns();
  private final Task.Sweep.Runner sweeps;
  private final Task.Prediction.Runner predictions;

  Worker(
      JobStore jobs,
      Attempts attempts,
      Outages outages,
      RunningJobs running,
      TrainingAttempt training,
      AliasWarmUp warmUp,
      BusyRetries retries,
      JobProperties properties,
      JobMeasurements metrics,
      Task.Sweep.Runner sweeps,
      Task.Prediction.Runner predictions) {
    this.jobs = jobs;
    this.attempts = attempts;
    this.outages = outages;
    this.running = running;
    this.training = training;
    this.warmUp = warmUp;
    this.retries = retries;
    this.properties = properties;
    this.metrics = metrics;
    this.sweeps = sweeps;
    this.predictions = predictions;
  }

  /** The name of this process in jobs. */
  public String name() {
    return running.worker();
  }

  /** What remains to do with a job after an attempt. */
  public enum Ending {
    /** The job has ended. */
    DONE,
    /** The job is queued for another attempt. */
    REQUEUED,
    /** The job is queued for another attempt after a pause. */
    RETRY_LATER,
    /** The job stays queued: it or another one has to run alone in this worker. */
    NO_TURN
  }

  /** Suspends all running jobs, including those that start later. */
  public void suspend() {
    running.suspend();
  }

  /**
   * Requeues the jobs that did not suspend in time. Their attempts then own nothing; they end with
   * the process.
   */
  public void requeueRest() {
    for (RunningJob attempt : running.all()) {
      try {
        if (attempt.reportEnd(report -> attempts.requeue(attempt.job(), report))) {
          log.warn("Job {} is still in a step: requeued", attempt.job().id());
        }
      } catch (RuntimeException e) {
        log.warn("Job {} could not be requeued: {}", attempt.job().id(), e.toString());
      }
    }
  }

  /** Runs jobs again after {@link #suspend}, when the service restarts in the same process. */
  public void resume() {
    running.resume();
  }

  /** Gives a command to a job that runs here. */
  public void request(String jobId, TrainingCommand command) {
    running.find(jobId).ifPresent(attempt -> attempt.request(command));
  }

  /** Starts an attempt at a job and runs it to its end. */
  public Ending run(String jobId, String pool) {
    return run(jobId, pool, Integer.MAX_VALUE);
  }

  /** As {@link #run(String, String)}; the training suspends after an epoch. */
  public Ending run(String jobId, String pool, int lastEpoch) {
    WorkerPool settings = properties.pools().get(pool);
    if (settings == null) {
      throw new IllegalStateException("this process has no pool '" + pool + "'");
    }
    var by = new JobState.Running(name(), settings.device());
    Job job;
    // A job that waits for its turn is not running: nobody can blame it for a crash.
    try (SuspectTurns.Turn turn = turn(jobId)) {
      if (turn == null) {
        return endingOf(jobId) == Ending.DONE ? Ending.DONE : Ending.NO_TURN;
      }
      job = outages.retryWhileDown(() -> attempts.start(jobId, by)).orElse(null);
      if (job == null) {
        return endingOf(jobId);
      }
      if (!(job.task() instanceof Task.Sweep)) {
        return run(job, lastEpoch);
      }
    }
    // The trainings of a sweep have turns, it has none: it would wait for itself.
    return run(job, lastEpoch);
  }

  /** Null when the job cannot have a turn now. */
  private SuspectTurns.@Nullable Turn turn(String jobId) {
    Duration waited = outages.retryWhileDown(() -> attempts.waitToRunAlone(jobId)).orElse(null);
    if (waited == null) {
      return turns.take();
    }
    if (waited.compareTo(properties.suspectWait()) >= 0) {
      turns.reserve();
      running.makeRoom();
    }
    return turns.takeAlone();
  }

  private Ending run(Job job, int lastEpoch) {
    // A crash file shows it.
    String thread = Thread.currentThread().getName();
    Thread.currentThread().setName("job " + job.id());
    MDC.put("job", job.id());
    MDC.put("model", job.task().model());
    RunningJob attempt = running.add(job);
    attempt.suspendAfter(lastEpoch);
    try {
      metrics.started(job);
      log.info("Started, attempt {}", job.attempt());
      return run(attempt);
    } finally {
      running.remove(attempt);
      Thread.currentThread().setName(thread);
      MDC.remove("job");
      MDC.remove("model");
    }
  }

  private Ending run(RunningJob attempt) {
    try {
      Task task = attempt.job().task();
      if (!(task instanceof TrainingTask)) {
        return task instanceof Task.Sweep ? sweep(attempt) : predict(attempt);
      }
      // A retry repeats no training: an attempt reads the database before it trains, and what the
      // members of an ensemble read later waits for the database itself.
      TrainingAttempt.Outcome outcome = outages.retryWhileDown(() -> training.run(attempt));
      RuntimeException unstorable = attempt.reportFailure();
      return unstorable == null ? end(attempt, outcome) : fail(attempt, internal(unstorable));
    } catch (CancellationException e) {
      RuntimeException unstorable = attempt.reportFailure();
      if (unstorable != null) {
        return fail(attempt, internal(unstorable));
      }
      return attempt.command() == TrainingCommand.SUSPEND
          ? requeue(attempt)
          : ownershipLost(attempt);
    } catch (DeviceShortageException e) {
      var shortage =
          new JobState.Failure(ErrorCode.OUT_OF_MEMORY.code(), String.valueOf(e.getMessage()));
      return later(
          attempt, shortage, report -> attempts.awaitDevice(attempt.job(), shortage, report));
    } catch (NonFiniteLossException e) {
      return fail(attempt, JobState.Failure.of(e));
    } catch (ServiceException e) {
      return end(attempt, e);
    } catch (UncheckedIOException e) {
      log.warn("A file cannot be read or written", e);
      return retryLater(
          attempt,
          new JobState.Failure(
              ErrorCode.UNAVAILABLE.code(), "Files of the service cannot be read or written"));
    } catch (RuntimeException | Error e) {
      if (e instanceof RuntimeException failure && outages.isOutage(failure)) {
        log.warn("The database is down: {}", e.toString());
        return requeue(attempt);
      }
      return fail(attempt, internal(e));
    }
  }

  private Ending sweep(RunningJob attempt) {
    JobState end = sweeps.run(attempt.job(), attempt, this);
    return end == null ? requeue(attempt) : finish(attempt, end);
  }

  private Ending predict(RunningJob attempt) {
    Attempts.Predicted made =
        outages.retryWhileDown(() -> predictions.run(attempt.job(), attempt, attempt::givenUp));
    if (!reportEnd(attempt, report -> attempts.succeed(attempt.job(), made, report))) {
      return ownershipLost(attempt);
    }
    predictions.forget(attempt.job().id());
    metrics.succeeded(attempt.job());
    log.info("Succeeded: {} rows predicted", made.dataset().version().rows());
    return Ending.DONE;
  }

  private Ending end(RunningJob attempt, TrainingAttempt.Outcome outcome) {
    return switch (outcome) {
      case TrainingAttempt.Outcome.Trained trained when trained.publication() == null ->
          endTrial(attempt, trained);
      case TrainingAttempt.Outcome.Trained trained -> publish(attempt, trained);
      case TrainingAttempt.Outcome.Searched(LearningRateCurve found) ->
          finish(attempt, new JobState.Succeeded(null, found));
      case TrainingAttempt.Outcome.NothingToPublish _ -> finish(attempt, CANCELLED);
      case TrainingAttempt.Outcome.OutOfTime(TrainingOutcome.OutOfTime early) ->
          outOfTime(attempt, early);
      case TrainingAttempt.Outcome.Suspended suspended -> suspend(attempt, suspended);
    };
  }

  private Ending end(RunningJob attempt, ServiceException e) {
    var failure = new JobState.Failure(e.code().code(), e.detail());
    if (e.code().family() == ErrorCode.Family.INTERNAL) {
      log.error("Failed inside the service", e);
    }
    return e.code().family() == ErrorCode.Family.BUSY
        ? retryLater(attempt, failure)
        : fail(attempt, failure);
  }

  private Ending endTrial(RunningJob attempt, TrainingAttempt.Outcome.Trained trained) {
    metrics.trained(trained.rows());
    Checkpoint result = trained.result();
    if (result != null && !outages.retryWhileDown(() -> attempt.keepResult(result))) {
      return ownershipLost(attempt);
    }
    return finish(
        attempt,
        new JobState.Succeeded(
            null,
            trained.outcome().learningRates(),
            trained.outcome().baseline(),
            trained.outcome().forms().toJson()),
        report -> {
          attempt.requireReports();
          return report.with(trained.progress(report.progress().current()));
        },
        result != null);
  }

  private Ending publish(RunningJob attempt, TrainingAttempt.Outcome.Trained trained) {
    metrics.trained(trained.rows());
    Job job = attempt.job();
    Attempts.Publication publication = Objects.requireNonNull(trained.publication());
    try (AliasWarmUp.Warmed warmed = warmUp.warmUp(publication, attempt::givenUp)) {
      Predicate<ProgressReport> end =
          report -> {
            // A report may have been refused since the training ended.
            attempt.requireReports();
            return attempts.succeed(
                job,
                warmed.publication(),
                report.with(trained.progress(report.progress().current())));
          };
      if (!retries.call(() -> attempt.reportEnd(end), attempt::givenUp)) {
        return ownershipLost(attempt);
      }
      shareLoadedVersion(warmed, job);
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.CORRUPT_FILE) {
        throw e;
      }
      // Another attempt writes the weights again.
      log.error("The weights of a version to publish are damaged", e);
      return retryLater(attempt, new JobState.Failure(e.code().code(), e.detail()));
    }
    if (trained.outcome().members().isEmpty()) {
      attempt.keepCheckpoint();
    } else {
      // No job goes on where an ensemble ended.
      attempt.clearCheckpoint();
    }
    metrics.succeeded(job);
    log.info(
        "Succeeded after {} epochs: {}",
        trained.outcome().epochs(),
        trained.outcome().reason().code());
    return Ending.DONE;
  }

  private void shareLoadedVersion(AliasWarmUp.Warmed warmed, Job job) {
    try {
      jobs.find(job.id())
          .ifPresent(
              ended -> {
                if (ended.state() instanceof JobState.Succeeded(JobState.Result result, _, _, _)
                    && result != null) {
                  warmed.published(result);
                }
              });
    } catch (RuntimeException e) {
      log.warn("The first prediction loads the version again: {}", e.toString());
    }
  }

  private Ending fail(RunningJob attempt, JobState.Failure failure) {
    log.info("Failed: {}: {}", failure.code(), failure.detail());
    return finish(attempt, new JobState.Failed(failure));
  }

  private Ending outOfTime(RunningJob attempt, TrainingOutcome.OutOfTime early) {
    JobProgress progress = new JobProgress(early.progress(), null, null, StopReason.TIME_LIMIT);
    JobState.Failure failure = JobState.Failure.of(early);
    log.info("Failed: {}", failure.detail());
    return finish(attempt, new JobState.Failed(failure), report -> report.with(progress));
  }

  private Ending finish(RunningJob attempt, JobState end) {
    return finish(attempt, end, report -> report);
  }

  private Ending finish(
      RunningJob attempt, JobState end, UnaryOperator<ProgressReport> completion) {
    return finish(attempt, end, completion, false);
  }

  /**
   * Ends a job without a version.
   *
   * @param keeps whether its last checkpoint is kept for others
   */
  private Ending finish(
      RunningJob attempt, JobState end, UnaryOperator<ProgressReport> completion, boolean keeps) {
    if (!endAnyway(
        attempt, report -> attempts.finish(attempt.job(), end, completion.apply(report)))) {
      return ownershipLost(attempt);
    }
    if (!keeps) {
      attempt.clearCheckpoint();
    }
    metrics.finished(attempt.job(), end);
    return Ending.DONE;
  }

  private Ending suspend(RunningJob attempt, TrainingAttempt.Outcome.Suspended suspended) {
    Checkpoint checkpoint = suspended.checkpoint();
    if (checkpoint == null) {
      return requeue(attempt);
    }
    attempt.checkpoint(checkpoint);
    // A sweep compares trials by their best epoch so far.
    Checkpoint.Position at = checkpoint.position();
    return requeue(attempt, report -> at.members().isEmpty() ? report.withBest(at.best()) : report);
  }

  /** Requeues a job whose attempt met a temporary fault, like a full disk. */
  private Ending retryLater(RunningJob attempt, JobState.Failure cause) {
    return later(attempt, cause, report -> attempts.retryLater(attempt.job(), cause, report));
  }

  /**
   * Ends an attempt whose job the store tries again later, if it has not failed.
   *
   * @param change what the store does
   */
  private Ending later(
      RunningJob attempt, JobState.Failure cause, Predicate<ProgressReport> change) {
    Job job = attempt.job();
    if (!endAnyway(attempt, change)) {
      return ownershipLost(attempt);
    }
    if (endingOf(job.id()) == Ending.REQUEUED) {
      log.warn("Attempt {} ended early: {}", job.attempt(), cause.detail());
      return Ending.RETRY_LATER;
    }
    log.info("Failed: {}: {}", cause.code(), cause.detail());
    attempt.clearCheckpoint();
    metrics.finished(job, new JobState.Failed(cause));
    return Ending.DONE;
  }

  private Ending requeue(RunningJob attempt) {
    return requeue(attempt, report -> report);
  }

  private Ending requeue(RunningJob attempt, UnaryOperator<ProgressReport> completion) {
    if (!endAnyway(attempt, report -> attempts.requeue(attempt.job(), completion.apply(report)))) {
      return ownershipLost(attempt);
    }
    log.info("Requeued");
    return Ending.REQUEUED;
  }

  /** The job was cancelled, or another attempt owns it: this one must not change anything. */
  private Ending ownershipLost(RunningJob attempt) {
    log.info("Attempt {} no longer owns the job", attempt.job().attempt());
    return endingOf(attempt.job().id());
  }

  /** Keeps the job in the queue unless it has ended: another worker may be running it. */
  private Ending endingOf(String jobId) {
    return outages
        .retryWhileDown(() -> jobs.find(jobId))
        .filter(job -> !job.state().done())
        .map(_ -> Ending.REQUEUED)
        .orElse(Ending.DONE);
  }

  private boolean reportEnd(RunningJob attempt, Predicate<ProgressReport> end) {
    return outages.retryWhileDown(() -> attempt.reportEnd(end));
  }

  /** Ends an attempt, without its last report if the database refuses that. */
  private boolean endAnyway(RunningJob attempt, Predicate<ProgressReport> end) {
    try {
      return reportEnd(attempt, end);
    } catch (RuntimeException e) {
      if (!e.equals(attempt.reportFailure())) {
        throw e;
      }
      log.error("The last progress of the job cannot be stored", e);
      return reportEnd(attempt, end);
    }
  }

  private static JobState.Failure internal(Throwable e) {
    String id = UUID.randomUUID().toString();
    log.error("Failed inside the service, error {}", id, e);
    return JobState.Failure.internal(e, id);
  }
}
