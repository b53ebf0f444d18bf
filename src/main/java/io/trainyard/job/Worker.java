package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.NonFiniteLossException;
import io.trainyard.train.TrainingCommand;
import java.io.UncheckedIOException;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/**
 * Runs jobs, one per thread that calls it. It owns a job only as long as its attempt is the current
 * one; when another took over, everything it did comes to nothing.
 */
@Component
public final class Worker {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final JobState CANCELLED = new JobState.Cancelled();

  private final String name = ProcessName.make();
  private final JobStore store;
  private final RunningJobs running;
  private final CheckpointStore checkpoints;
  private final TrainingAttempt training;
  private final AliasWarmUp rehearsal;
  private final JobProperties properties;
  private final JobMetrics metrics;

  Worker(
      JobStore store,
      RunningJobs running,
      CheckpointStore checkpoints,
      TrainingAttempt training,
      AliasWarmUp rehearsal,
      JobProperties properties,
      JobMetrics metrics) {
    this.store = store;
    this.running = running;
    this.checkpoints = checkpoints;
    this.training = training;
    this.rehearsal = rehearsal;
    this.properties = properties;
    this.metrics = metrics;
  }

  /** This process, as jobs name it. */
  public String name() {
    return name;
  }

  /** How an attempt left its job. */
  public enum Ending {
    /** There is nothing more to do. */
    DONE,
    /** It waits for another attempt. */
    HANDED_BACK,
    /** It waits for another attempt, which makes no sense at once. */
    POSTPONED
  }

  /** Tells all running jobs to hand over; those that start later do so at once. */
  public void suspend() {
    running.suspend();
  }

  /** Runs jobs again; a stopped service may be started anew in the same process. */
  public void resume() {
    running.resume();
  }

  /**
   * Takes a job from the queue and runs it; returns when this process has no more to do with it.
   */
  public Ending run(String jobId, String pool) {
    JobProperties.Pool settings = properties.pools().get(pool);
    if (settings == null) {
      throw new IllegalStateException("pool '" + pool + "' is not one of this process");
    }
    var by = new JobState.Running(name, settings.device());
    Job job = store.retryWhileDown(() -> store.start(jobId, by)).orElse(null);
    if (job == null) {
      return withoutAJob(jobId);
    }
    MDC.put("job", jobId);
    MDC.put("model", job.task().model());
    RunningJob attempt = running.add(job);
    try {
      metrics.started(job);
      log.info("Started, attempt {}", job.attempt());
      return run(attempt);
    } finally {
      running.remove(attempt);
      MDC.remove("job");
      MDC.remove("model");
    }
  }

  private Ending run(RunningJob attempt) {
    try {
      // The database is asked only before training begins: trying again repeats no training.
      return end(attempt, store.retryWhileDown(() -> training.run(attempt)));
    } catch (CancellationException e) {
      return attempt.command() == TrainingCommand.SUSPEND ? handBack(attempt) : lost(attempt);
    } catch (NonFiniteLossException e) {
      return fail(attempt, failure(e));
    } catch (ServiceException e) {
      var failure = new JobState.Failure(e.code().code(), e.detail());
      if (e.code().family() == ErrorCode.Family.INTERNAL) {
        log.error("Failed inside the service", e);
      }
      return e.code().family() == ErrorCode.Family.BUSY
          ? stumble(attempt, failure)
          : fail(attempt, failure);
    } catch (UncheckedIOException e) {
      log.warn("A file cannot be read or written", e);
      return stumble(
          attempt,
          new JobState.Failure(
              ErrorCode.UNAVAILABLE.code(), "Files of the service cannot be read or written"));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      if (e instanceof RuntimeException failure && store.isOutage(failure)) {
        log.warn("The database went away: {}", e.toString());
        return handBack(attempt);
      }
      String id = UUID.randomUUID().toString();
      log.error("Failed inside the service, error {}", id, e);
      String detail =
          e instanceof OutOfMemoryError
              ? "The worker ran out of memory; the log has more under " + id
              : "Something went wrong inside the service; the log has more under " + id;
      return fail(attempt, new JobState.Failure(ErrorCode.INTERNAL.code(), detail));
    }
  }

  private Ending end(RunningJob attempt, TrainingAttempt.Result result) {
    return switch (result) {
      case TrainingAttempt.Result.Trained trained -> publish(attempt, trained);
      case TrainingAttempt.Result.NothingToPublish _ -> finish(attempt, CANCELLED);
      case TrainingAttempt.Result.Suspended suspended -> suspend(attempt, suspended);
    };
  }

  private Ending publish(RunningJob attempt, TrainingAttempt.Result.Trained trained) {
    Job job = attempt.job();
    try (AliasWarmUp.Rehearsed rehearsed = rehearsal.of(trained.publication())) {
      boolean mine =
          reportEnd(
              attempt,
              report ->
                  store.succeed(
                      job,
                      rehearsed.publication(),
                      report.at(trained.standing(report.standing().progress()))));
      if (!mine) {
        return lost(attempt);
      }
      hand(rehearsed, job);
    }
    forget(job);
    metrics.finished(job, JobState.Name.SUCCEEDED);
    log.info(
        "Succeeded after {} epochs: {}",
        trained.outcome().epochs(),
        trained.outcome().reason().code());
    return Ending.DONE;
  }

  /** What is loaded goes to those who predict; else they load it themselves. */
  private void hand(AliasWarmUp.Rehearsed rehearsed, Job job) {
    try {
      store
          .find(job.id())
          .ifPresent(
              ended -> {
                if (ended.state() instanceof JobState.Succeeded(JobState.Result result)) {
                  rehearsed.published(result);
                }
              });
    } catch (RuntimeException e) {
      log.warn("The version is loaded again by whoever asks first: {}", e.toString());
    }
  }

  private Ending fail(RunningJob attempt, JobState.Failure failure) {
    log.info("Failed: {}: {}", failure.code(), failure.detail());
    return finish(attempt, new JobState.Failed(failure));
  }

  private Ending finish(RunningJob attempt, JobState end) {
    if (!reportEnd(attempt, report -> store.finish(attempt.job(), end, report))) {
      return lost(attempt);
    }
    forget(attempt.job());
    metrics.finished(attempt.job(), end.name());
    return Ending.DONE;
  }

  /** What a finished job leaves behind is swept later when it cannot be cleared now. */
  private void forget(Job job) {
    try {
      checkpoints.clear(job.id());
    } catch (RuntimeException e) {
      log.warn("Its checkpoint could not be cleared: {}", e.toString());
    }
  }

  private Ending suspend(RunningJob attempt, TrainingAttempt.Result.Suspended suspended) {
    if (suspended.checkpoint() != null) {
      attempt.checkpoint(suspended.checkpoint());
    }
    return handBack(attempt);
  }

  /** Something is in the way that should pass, like a full disk. */
  private Ending stumble(RunningJob attempt, JobState.Failure why) {
    Job job = attempt.job();
    if (!reportEnd(attempt, report -> store.retryLater(job, why, report))) {
      return lost(attempt);
    }
    boolean waits =
        store
            .retryWhileDown(() -> store.find(job.id()))
            .filter(now -> !now.state().done())
            .isPresent();
    if (waits) {
      log.warn("Attempt {} did not get through: {}", job.attempt(), why.detail());
      return Ending.POSTPONED;
    }
    log.info("Failed: {}: {}", why.code(), why.detail());
    forget(job);
    metrics.finished(job, JobState.Name.FAILED);
    return Ending.DONE;
  }

  private Ending handBack(RunningJob attempt) {
    if (!reportEnd(attempt, report -> store.requeue(attempt.job(), report))) {
      return lost(attempt);
    }
    log.info("Handed back");
    return Ending.HANDED_BACK;
  }

  /** The job was cancelled, or another attempt has it: this one must change nothing. */
  private Ending lost(RunningJob attempt) {
    log.info("Attempt {} given up", attempt.job().attempt());
    return withoutAJob(attempt.job().id());
  }

  /** When the job waits, its place must stay; when another has it, no ending finds the place. */
  private Ending withoutAJob(String jobId) {
    return store
        .retryWhileDown(() -> store.find(jobId))
        .filter(job -> !job.state().done())
        .map(_ -> Ending.HANDED_BACK)
        .orElse(Ending.DONE);
  }

  private boolean reportEnd(RunningJob attempt, Predicate<ProgressReport> end) {
    return store.retryWhileDown(() -> attempt.reportEnd(end));
  }

  private static JobState.Failure failure(NonFiniteLossException e) {
    return new JobState.Failure(
        ErrorCode.NON_FINITE_LOSS.code(),
        String.valueOf(e.getMessage()),
        e.epoch(),
        e.step(),
        e.layer().isEmpty() ? null : e.layer());
  }
}
