package io.trainyard.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.TrainingCommand;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;

/** What callers can do with jobs. */
@Service
public final class JobService {
  private static final Logger log = LoggerFactory.getLogger(JobService.class);

  private final JobStore store;
  private final Submission submission;
  private final RunningJobs running;
  private final Clock clock;
  private final JobId ids;

  JobService(JobStore store, Submission submission, RunningJobs running, Clock clock) {
    this.store = store;
    this.submission = submission;
    this.running = running;
    this.clock = clock;
    this.ids = new JobId(clock);
  }

  /**
   * Checks all there is to check and queues the job.
   *
   * @throws ServiceException with every fault found; QUEUE_FULL when too many wait
   */
  public Job submit(JsonNode body) {
    Submission.Resolved resolved = submission.resolve(body);
    Job job =
        Job.queued(ids.next(), resolved.task(), clock.instant().truncatedTo(ChronoUnit.MICROS));
    store.submit(job, resolved.newModel() != null);
    log.info("Job {} queued for model {}", job.id(), job.task().model());
    return job;
  }

  /** The job as it stands now; JOB_NOT_FOUND when there is none. */
  public Job find(String id) {
    return live(stored(id));
  }

  private Job stored(String id) {
    return store
        .find(id)
        .orElseThrow(
            () -> new ServiceException(ErrorCode.JOB_NOT_FOUND, "There is no job '" + id + "'"));
  }

  /** Newest first. */
  public List<Job> list(JobFilter filter, int limit) {
    return store.list(filter, limit).stream().map(this::live).toList();
  }

  private Job live(Job job) {
    return job.state() instanceof JobState.Running
        ? running
            .find(job.id())
            .map(attempt -> job.at(attempt.standing(job.standing())))
            .orElse(job)
        : job;
  }

  /** The place in the queue, from 1; 0 for a job that does not wait. */
  public int queuePosition(Job job) {
    return queuePositions(List.of(job)).getOrDefault(job.id(), 0);
  }

  /** The places in the queue by id, from 1, of those that wait. */
  public Map<String, Integer> queuePositions(List<Job> jobs) {
    return store.queuePositions(
        jobs.stream().filter(job -> job.state() instanceof JobState.Queued).toList());
  }

  /** Every epoch so far. */
  public List<EpochRecord> epochs(String id) {
    stored(id);
    // In this order: an epoch reported in between is then seen twice rather than never.
    List<EpochRecord> unreported =
        running.find(id).map(RunningJob::unreportedEpochs).orElse(List.of());
    List<EpochRecord> epochs = new ArrayList<>(store.epochs(id));
    int last = epochs.isEmpty() ? 0 : epochs.getLast().epoch();
    unreported.stream().filter(epoch -> epoch.epoch() > last).forEach(epochs::add);
    return epochs;
  }

  /** The number of the newest event. */
  public int lastEvent(String id) {
    return store.lastEvents(List.of(id)).getOrDefault(id, 0);
  }

  /**
   * What came of a wish to end a job.
   *
   * @param changed false when it had finished already and stays as it is
   */
  public record Ended(Job job, boolean changed) {}

  /** Ends a job without publishing anything. */
  public Ended cancel(String id) {
    while (true) {
      Job job = stored(id);
      if (job.state().done()) {
        return new Ended(job, false);
      }
      if (cancel(job)) {
        log.info("Job {} cancelled", id);
        return new Ended(stored(id), true);
      }
      // It changed between the look and the change: look again.
    }
  }

  private boolean cancel(Job job) {
    RunningJob attempt = running.find(job.id()).orElse(null);
    if (attempt == null || attempt.job().attempt() != job.attempt()) {
      return store.finish(job, new JobState.Cancelled(), ProgressReport.NOTHING);
    }
    boolean cancelled =
        attempt.reportEnd(last -> store.finish(job, new JobState.Cancelled(), last));
    if (cancelled) {
      attempt.ask(TrainingCommand.CANCEL);
    }
    return cancelled;
  }

  /** Asks a job to finish now with its best so far; one that has not started is cancelled. */
  public Ended stop(String id) {
    while (true) {
      Job job = stored(id);
      switch (job.state()) {
        case JobState.Queued _ -> {
          if (store.finish(job, new JobState.Cancelled(), ProgressReport.NOTHING)) {
            return new Ended(stored(id), true);
          }
        }
        case JobState.Running _ -> {
          if (store.requestStop(id)) {
            running.find(id).ifPresent(attempt -> attempt.ask(TrainingCommand.STOP));
            return new Ended(find(id), true);
          }
        }
        case JobState.Succeeded _, JobState.Failed _, JobState.Cancelled _ -> {
          return new Ended(job, false);
        }
      }
    }
  }

  /** Deletes a finished job; what it published stays. */
  public void delete(String id) {
    stored(id);
    if (!store.delete(id) && store.find(id).isPresent()) {
      throw new ServiceException(
          ErrorCode.NOT_FINISHED, "Job '" + id + "' has not finished; cancel it first");
    }
  }
}
