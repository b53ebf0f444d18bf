package io.trainyard.job.sweep;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobId;
import io.trainyard.job.JobService;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.label.Placed;
import io.trainyard.model.Precondition;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;

/** Submits, shows and ends sweeps for callers. */
@Service
public final class SweepService {
  /** Members of a stored sweep that the service found out, and no body has. */
  public static final List<String> FOUND = List.of("direction", "training_memory_bytes");

  private static final Logger log = LoggerFactory.getLogger(SweepService.class);

  private final SweepCheck check;
  private final SweepStore store;
  private final JobService jobs;
  private final Clock clock;
  private final JobId ids;

  SweepService(SweepCheck check, SweepStore store, JobService jobs, Clock clock) {
    this.check = check;
    this.store = store;
    this.jobs = jobs;
    this.clock = clock;
    this.ids = new JobId(clock);
  }

  /** A sweep and what its trainings have reached. */
  public record Sweep(Job job, List<SweepTraining> trainings) {
    public Sweep {
      trainings = List.copyOf(trainings);
    }

    /** The trials, ranked. */
    public SweepResults results() {
      return SweepResults.of(SweepPlan.of(job), trainings);
    }

    /** The share of the trainings, the refit among them, that has ended. */
    public double fraction() {
      long ended = trainings.stream().filter(training -> training.state().done()).count();
      boolean refits = trainings.stream().anyMatch(SweepTraining::isRefit);
      return (double) ended / (trainings.size() + (refits ? 0 : 1));
    }
  }

  /**
   * Checks a sweep and all its trials, and queues it.
   *
   * @throws ServiceException with all violations; QUEUE_FULL when the pool's queue is full
   */
  public Sweep submit(JsonNode body) {
    SweepCheck.Checked checked = check.check(body);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Job sweep = Job.queued(ids.next(), checked.task(), now);
    List<Job> trainings =
        checked.trainings().stream().map(each -> training(sweep, each, now)).toList();
    store.submit(sweep, trainings, checked.model());
    log.info("Sweep {} queued: {} trainings", sweep.id(), trainings.size());
    return sweep(sweep);
  }

  private Job training(Job sweep, SweepCheck.Planned planned, Instant now) {
    TrainingTask task = planned.task();
    var trial =
        new TrainingTask.Trial(sweep.id(), planned.trial(), planned.fold(), planned.parameters());
    return Job.queued(
        ids.next(),
        new TrainingTask(
            task.model(),
            task.spec(),
            task.request(),
            task.dataset(),
            task.placement(),
            task.warnings(),
            trial),
        now);
  }

  private Sweep sweep(Job job) {
    return new Sweep(job, store.trainings(job.id()));
  }

  /** The sweep as it is now; SWEEP_NOT_FOUND when there is none. */
  public Sweep find(String id) {
    return sweep(job(id));
  }

  private Job job(String id) {
    try {
      Job job = jobs.find(id);
      if (job.task() instanceof Task.Sweep) {
        return job;
      }
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.JOB_NOT_FOUND) {
        throw e;
      }
    }
    throw new ServiceException(ErrorCode.SWEEP_NOT_FOUND, "There is no sweep '" + id + "'");
  }

  /** As {@link JobService#page}. */
  public List<Placed<Sweep>> page(JobFilter filter, int limit) {
    return jobs.page(filter, limit).stream()
        .map(placed -> new Placed<>(sweep(placed.item()), placed.cursor()))
        .toList();
  }

  /** Ends a sweep and its trainings without a version. */
  public JobService.Ended cancel(String id, Precondition<Job> precondition) {
    return jobs.cancel(job(id).id(), precondition);
  }

  /** Ends the trainings and trains the best trial so far on all rows; ends that when it runs. */
  public JobService.Ended stop(String id, Precondition<Job> precondition) {
    return jobs.stop(job(id).id(), precondition);
  }

  /** Deletes a sweep that has ended, with its trainings; its version stays. */
  public void delete(String id, Precondition<Job> precondition) {
    jobs.delete(job(id).id(), precondition);
  }
}
