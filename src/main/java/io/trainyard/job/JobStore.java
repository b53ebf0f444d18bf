package io.trainyard.job;

import io.trainyard.job.event.JobEvent;
import io.trainyard.model.NewVersion;
import io.trainyard.train.EpochRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs live. Every change of state is a compare-and-set on (state, attempt), so of two that
 * race exactly one wins; the loser is told by false or by an empty answer and must change nothing
 * more.
 */
public interface JobStore {
  /**
   * Makes a job and its place in the queue known in one transaction, and wakes a worker.
   *
   * @param storeModel whether the job's spec becomes its model's, too
   * @throws io.trainyard.error.ServiceException QUEUE_FULL when as many wait as may
   */
  void submit(Job job, boolean storeModel);

  Optional<Job> find(String id);

  /** Jobs, newest first. */
  List<Job> list(JobFilter filter, int limit);

  /** The places of queued jobs among those their pools will take, from 1, by id. */
  Map<String, Integer> queuePositions(Collection<Job> queued);

  /** The epochs recorded so far, in order. */
  List<EpochRecord> epochs(String id);

  /** What happened to a job after an event, in order. */
  List<JobEvent> events(String id, int after, int limit);

  /** The number of the newest event of each job there is. */
  Map<String, Integer> lastEvents(Collection<String> ids);

  /**
   * Hands a job to a worker under a new attempt number. A job that is already running was left by a
   * worker that died: that counts as a crash, and one crash too many fails the job here.
   *
   * @return empty when there is nothing to run, or its place in the queue is another worker's
   */
  Optional<Job> start(String id, JobState.Running by);

  /** Writes what a running attempt measured; false when the attempt no longer owns its job. */
  boolean record(Job running, ProgressReport report);

  /**
   * Publishes what a running attempt trained: state, version, alias and last measures in one
   * transaction. False when the attempt no longer owns its job.
   */
  boolean succeed(Job running, Publication publication, ProgressReport report);

  /** Ends a job without a version; false when it has changed meanwhile. */
  boolean finish(Job seen, JobState end, ProgressReport report);

  /** Puts a running attempt's job back into the queue; false when it no longer owns its job. */
  boolean requeue(Job running, ProgressReport report);

  /**
   * Puts a running attempt's job back into the queue because of something that should pass. It
   * counts like the death of a worker: one time too many fails the job, with this as the reason.
   *
   * @return false when the attempt no longer owns its job
   */
  boolean retryLater(Job running, JobState.Failure why, ProgressReport report);

  /** Asks a running job to finish with what it has; false when it is not running any more. */
  boolean requestStop(String id);

  /** What has become of these jobs, for whoever runs them. */
  Map<String, Signal> signals(Collection<String> ids);

  /** Deletes a finished job; false when it has not finished. */
  boolean delete(String id);

  /**
   * Makes a change and, while the database is away, tries again until it is back. A change that was
   * made without an answer getting through is refused the second time, as by a lost race.
   */
  <T> T retryWhileDown(Supplier<T> change);

  /** Whether a failure only says that the database is away. */
  boolean isOutage(RuntimeException failure);

  /** How many jobs there are in each state. */
  Map<JobState.Name, Long> countByState();

  /** How many jobs wait in each pool. */
  Map<String, Long> queueDepths();

  /**
   * What a successful job makes.
   *
   * @param alias to move to the version, or null
   * @param objection why the alias must stay where it is, or null
   */
  record Publication(NewVersion version, @Nullable String alias, @Nullable String objection) {}

  /** What a worker needs to know of a job it runs. */
  record Signal(JobState.Name state, int attempt, boolean stopRequested) {}
}
