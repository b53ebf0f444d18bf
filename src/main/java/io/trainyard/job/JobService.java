package io.trainyard.job;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.check.PoolChooser;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.frame.Frame;
import io.trainyard.job.process.Workers;
import io.trainyard.label.Placed;
import io.trainyard.model.Precondition;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.metric.Evaluation;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;

/** Submits, shows and ends jobs for callers. */
@Service
public final class JobService {
  static final int EPOCHS_AT_ONCE = 1_000;

  private static final Logger log = LoggerFactory.getLogger(JobService.class);

  private final JobStore store;
  private final WaitingJobs waiting;
  private final JobCounts counts;
  private final Submission submission;
  private final RunningJobs running;
  private final WorkerRegister register;
  private final Workers workers;
  private final PoolChooser pools;
  private final Clock clock;
  private final JobId ids;

  JobService(
      JobStore store,
      WaitingJobs waiting,
      JobCounts counts,
      Submission submission,
      RunningJobs running,
      WorkerRegister register,
      Workers workers,
      PoolChooser pools,
      Clock clock) {
    this.store = store;
    this.waiting = waiting;
    this.counts = counts;
    this.register = register;
    this.submission = submission;
    this.running = running;
    this.workers = workers;
    this.pools = pools;
    this.clock = clock;
    this.ids = new JobId(clock);
  }

  /** Queues a job that is no training. */
  public Job submit(Task task) {
    return submit(task, null);
  }

  /**
   * Checks a job and queues it.
   *
   * @throws ServiceException with all violations; QUEUE_FULL when the pool's queue is full
   */
  public Job submit(JsonNode body) {
    return submit(submission.resolve(body));
  }

  /**
   * As {@link #submit(JsonNode)}, of a job that trains a spec of its own: a model that exists keeps
   * the spec, or the recipe, that it has.
   */
  public Job submitOwnSpec(JsonNode body) {
    return submit(submission.resolveOwnSpec(body));
  }

  private Job submit(Submission.Resolved resolved) {
    return submit(resolved.task(), resolved.model());
  }

  private Job submit(Task task, @Nullable JsonNode model) {
    Job job = Job.queued(ids.next(), task, clock.instant().truncatedTo(ChronoUnit.MICROS));
    store.submit(job, model);
    log.info("Job {} queued for model {}", job.id(), task.model());
    return job;
  }

  /** The job with its newest progress; JOB_NOT_FOUND when there is none. */
  public Job find(String id) {
    return withLiveProgress(stored(id));
  }

  /** The evaluation of what a job published, as JSON; EVALUATION_NOT_FOUND when it has none. */
  public String evaluation(String id) {
    Job job = stored(id);
    return store.evaluation(id).map(Evaluation::answered).orElseThrow(() -> noEvaluation(job));
  }

  /** Which rows the evaluation of a job is about, to measure them again. */
  public EvaluatedPart evaluatedPart(String id) {
    return EvaluatedPart.of(stored(id), evaluation(id));
  }

  private static ServiceException noEvaluation(Job job) {
    String state = job.state().name().word();
    String why =
        switch (job.state().name()) {
          case QUEUED, RUNNING -> "it is " + state + ", and is evaluated at its end";
          case FAILED, CANCELLED -> "it is " + state + ", and published nothing";
          case SUCCEEDED -> withoutOne(job.task());
        };
    return new ServiceException(
        ErrorCode.EVALUATION_NOT_FOUND, "Job " + job.id() + " has no evaluation: " + why);
  }

  private static String withoutOne(Task task) {
    return switch (task) {
      case Task.Prediction _ -> "the dataset has no columns for the targets, or they do not fit";
      case Task.Sweep _ -> "it is a sweep, which evaluates what it published in its 'best.refit'";
      case TrainingTask training when training.trial() != null && !training.publishes() ->
          "it is a trial of sweep " + training.trial().sweep() + ", and published nothing";
      case TrainingTask _ -> "an older version of the service ran it: evaluate the model's version";
    };
  }

  private Job stored(String id) {
    return store
        .find(id)
        .filter(job -> job.isVisibleTo(Identity.current()))
        .orElseThrow(() -> Job.notFound(id));
  }

  /** The change that follows is refused if the job changes after this check. */
  private Job stored(String id, Precondition<Job> precondition) {
    Job job = stored(id);
    precondition.check(Optional.of(withLiveProgress(job)));
    return job;
  }

  /** At most {@code limit} jobs, in the order of the filter. */
  public List<Placed<Job>> page(JobFilter filter, int limit) {
    return store.page(filter, limit).stream()
        .map(placed -> new Placed<>(withLiveProgress(placed.item()), placed.cursor()))
        .toList();
  }

  /** Adds the progress that this process has not stored yet. */
  private Job withLiveProgress(Job job) {
    return job.state() instanceof JobState.Running
        ? running
            .find(job.id())
            .map(attempt -> job.with(attempt.progress(job.progress())))
            .orElse(job)
        : job;
  }

  /** The position in the queue, from 1; 0 for a job that is not queued. */
  public int queuePosition(Job job) {
    return queuePositions(List.of(job)).getOrDefault(job.id(), 0);
  }

  /** The positions in the queue by id, from 1, of the jobs that are queued. */
  public Map<String, Integer> queuePositions(List<Job> jobs) {
    return waiting.positions(
        jobs.stream()
            .filter(job -> job.state() instanceof JobState.Queued && job.task().isScheduled())
            .toList());
  }

  /** Why queued jobs do not start, each with its number of jobs; of all callers. */
  public Map<String, Long> waitingForPools() {
    Map<String, Long> reasons = new TreeMap<>();
    counts
        .queued()
        .forEach(
            (pool, jobs) -> {
              String why = pools.missing(pool);
              if (why != null && jobs > 0) {
                reasons.put(why, jobs);
              }
            });
    return reasons;
  }

  /**
   * Why queued jobs do not start, in words, by id.
   *
   * @param positions as {@link #queuePositions} gives them
   */
  public Map<String, String> waits(List<Job> jobs, Map<String, Integer> positions) {
    List<Job> queued = jobs.stream().filter(job -> job.state() instanceof JobState.Queued).toList();
    if (queued.isEmpty()) {
      return Map.of();
    }
    List<WorkerRegister.LivingWorker> living = register.living();
    Map<String, WaitingJobs.Retry> retries = waiting.retries(queued);
    Instant now = clock.instant();
    Map<String, String> waits = new HashMap<>();
    for (Job job : queued) {
      WaitingJobs.Retry retry = retries.get(job.id());
      waits.put(
          job.id(),
          job.task() instanceof TrainingTask training && training.trial() != null
              ? "its sweep"
              : retry != null && retry.at().isAfter(now)
                  ? attempt(retry)
                  : slot(
                      living, job.task().placement().pool(), positions.getOrDefault(job.id(), 1)));
    }
    return waits;
  }

  private static String attempt(WaitingJobs.Retry retry) {
    String next = "its next attempt, at " + retry.at().truncatedTo(ChronoUnit.SECONDS);
    return retry.why().isEmpty() ? next : next + ". " + retry.why();
  }

  /** What a job waits for in its pool. */
  private String slot(List<WorkerRegister.LivingWorker> living, String pool, int position) {
    String place = pools.described(pool);
    int slots = 0;
    int busy = 0;
    for (WorkerRegister.LivingWorker worker : living) {
      WorkerPool own = worker.pools().get(pool);
      slots += own == null ? 0 : own.slots();
      busy += own == null ? 0 : worker.busy().getOrDefault(pool, 0);
    }
    if (slots == 0) {
      String missing = pools.missing(pool);
      return missing == null ? "There is no living worker in pool " + place : missing;
    }
    String first =
        position <= 1
            ? ""
            : position == 2
                ? "; 1 job comes first"
                : "; %d jobs come first".formatted(position - 1);
    return busy < slots
        ? "a worker to take it" + first
        : "a free slot in pool %s: %d of %d are busy%s".formatted(place, busy, slots, first);
  }

  /** Those of these jobs, by id, that are cancelled while their last step still runs. */
  public Set<String> releasing(List<Job> jobs) {
    return waiting.holdingSlots(
        jobs.stream().filter(job -> job.state() instanceof JobState.Cancelled).toList());
  }

  /** Hands on all epochs so far, in their order. Holds few of them in memory. */
  public void epochs(String id, Consumer<EpochRecord> reader) {
    Job job = stored(id);
    // The unreported ones first: an epoch stored in between is then read twice, not missed.
    List<EpochRecord> unreported =
        running.find(id).map(RunningJob::unreportedEpochs).orElse(List.of());
    EpochRecord newest = unreported.isEmpty() ? job.progress().last() : unreported.getLast();
    // A job whose epochs end faster than they are read would else hold its reader to its end.
    int until = job.state().done() ? Integer.MAX_VALUE : newest == null ? 0 : newest.epoch();
    int stored = read(after -> store.epochs(id, after, EPOCHS_AT_ONCE), until, reader);
    unreported.stream().filter(epoch -> epoch.epoch() > stored).forEach(reader);
  }

  /** What all frames of a job share; empty when it has none yet. */
  public Optional<Frame> frameHead(String id) {
    return store.frames(stored(id).id(), Frame.HEAD - 1, 1).stream()
        .filter(frame -> frame.epoch() == Frame.HEAD)
        .findFirst();
  }

  /** Hands on the stored frames between two epochs. Holds one of them in memory. */
  public void frames(String id, int from, int to, Consumer<Frame> reader) {
    Job job = stored(id);
    int after = from - 1;
    while (true) {
      List<Frame> next = store.frames(job.id(), after, 1);
      if (next.isEmpty() || next.getFirst().epoch() > to) {
        return;
      }
      reader.accept(next.getFirst());
      after = next.getFirst().epoch();
    }
  }

  /**
   * Reads pages up to an epoch.
   *
   * @param page the epochs after one, in their order; fewer than {@link #EPOCHS_AT_ONCE} end them
   * @return the last epoch that was read
   */
  static int read(IntFunction<List<EpochRecord>> page, int until, Consumer<EpochRecord> reader) {
    int last = 0;
    List<EpochRecord> some;
    do {
      some = page.apply(last);
      for (EpochRecord epoch : some) {
        if (epoch.epoch() <= until) {
          reader.accept(epoch);
          last = epoch.epoch();
        }
      }
    } while (some.size() == EPOCHS_AT_ONCE && some.getLast().epoch() < until);
    return last;
  }

  /**
   * The result of a cancel or a stop.
   *
   * @param changed false when the job had already ended
   */
  public record Ended(Job job, boolean changed) {}

  /** Ends a job without a version. */
  public Ended cancel(String id, Precondition<Job> precondition) {
    while (true) {
      Job job = stored(id, precondition);
      if (job.state().done()) {
        return new Ended(job, false);
      }
      if (cancel(job)) {
        log.info("Job {} cancelled", id);
        return new Ended(stored(id), true);
      }
      // It has changed since it was read: read it again.
    }
  }

  private boolean cancel(Job job) {
    RunningJob attempt = running.find(job.id()).orElse(null);
    if (attempt == null || attempt.job().attempt() != job.attempt()) {
      boolean cancelled = store.cancel(job, ProgressReport.EMPTY);
      if (cancelled) {
        workers.request(job.id(), TrainingCommand.CANCEL);
      }
      return cancelled;
    }
    boolean cancelled = attempt.reportEnd(report -> store.cancel(job, report));
    if (cancelled) {
      attempt.request(TrainingCommand.CANCEL);
    }
    return cancelled;
  }

  /** Finishes a job now with its best weights so far; a queued job is cancelled. */
  public Ended stop(String id, Precondition<Job> precondition) {
    if (stored(id).task() instanceof Task.Prediction) {
      return cancel(id, precondition); // part of the rows is no result
    }
    while (true) {
      Job job = stored(id, precondition);
      switch (job.state()) {
        case JobState.Queued _ -> {
          if (store.cancel(job, ProgressReport.EMPTY)) {
            return new Ended(stored(id), true);
          }
        }
        case JobState.Running _ -> {
          if (store.requestStop(job)) {
            running.find(id).ifPresent(attempt -> attempt.request(TrainingCommand.STOP));
            workers.request(id, TrainingCommand.STOP);
            return new Ended(find(id), true);
          }
        }
        case JobState.Succeeded _, JobState.Failed _, JobState.Cancelled _ -> {
          return new Ended(job, false);
        }
      }
    }
  }

  /** Deletes a job that has ended; its version stays. */
  public void delete(String id, Precondition<Job> precondition) {
    Job job = stored(id, precondition);
    if (job.task() instanceof TrainingTask task && task.trial() != null) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          "Job '%s' is a training of sweep '%s': it is deleted with the sweep"
              .formatted(id, task.trial().sweep()));
    }
    if (!job.state().done()) {
      throw new ServiceException(
          ErrorCode.NOT_FINISHED, "Job '" + id + "' has not finished; cancel it first");
    }
    // A job that has ended never changes.
    if (!store.delete(id)) {
      throw Job.notFound(id);
    }
  }
}
