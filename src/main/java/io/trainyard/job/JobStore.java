package io.trainyard.job;

import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.label.Placed;
import io.trainyard.memory.MemoryUse;
import io.trainyard.model.NewVersion;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.MeasuredValues;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The jobs of all processes. A change of state is a compare-and-set on state and attempt: when two
 * callers change the same job, exactly one succeeds. The other gets false or an empty answer, and
 * must not change anything more.
 */
public interface JobStore {
  /**
   * Stores a job and its place in the queue in one transaction, then wakes a worker.
   *
   * @param model becomes the stored spec of the task's model; null: that one stays
   * @throws io.trainyard.error.ServiceException QUEUE_FULL when the pool's queue is full
   */
  void submit(Job job, @Nullable JsonNode model);

  Optional<Job> find(String id);

  /** The header {@code traceparent} of the request that submitted a job; null without one. */
  @Nullable String traceparent(String id);

  /** At most {@code limit} jobs, newest first. */
  default List<Job> list(JobFilter filter, int limit) {
    return page(filter, limit).stream().map(Placed::item).toList();
  }

  /**
   * At most {@code limit} jobs of a selection, in its order.
   *
   * @throws io.trainyard.error.ServiceException INVALID_PARAMETER for an order that there is not
   */
  List<Placed<Job>> page(JobFilter filter, int limit);

  /** The positions of queued jobs in their pools' queues by id, from 1. */
  Map<String, Integer> queuePositions(Collection<Job> queued);

  /** Those of these queued jobs, by id, that wait for a time, and that time. */
  Map<String, Retry> retries(Collection<Job> queued);

  /**
   * The next attempt at a job whose last one ended early.
   *
   * @param why the last message about the job
   */
  record Retry(Instant at, String why) {}

  /** Those of these jobs, by id, that still hold a worker's slot. */
  Set<String> holdingSlots(Collection<Job> jobs);

  /** The stored epochs in order. */
  List<EpochRecord> epochs(String id, int after, int limit);

  /** The evaluation that a succeeded job stored, as JSON; older versions stored none. */
  Optional<String> evaluation(String id);

  /**
   * Starts a new attempt. A job that is already running was left by a worker that died: this counts
   * as a crash, and a job with too many crashes fails.
   *
   * @return empty when the job has ended, or another worker has picked it
   */
  Optional<Job> start(String id, JobState.Running by);

  /**
   * Whether a job has to run alone in its worker, because it may have crashed one while others ran
   * there.
   */
  boolean runsAlone(String id);

  /** Stores the progress of an attempt; false when the attempt no longer owns its job. */
  boolean record(Job running, ProgressReport report);

  /**
   * Stores the threads that an attempt trains with; false when the attempt no longer owns its job.
   */
  boolean recordThreads(Job running, int threads);

  /**
   * Stores the memory of the process that runs an attempt; false when the attempt no longer owns
   * its job. If the process dies next, it died for lack of memory.
   */
  boolean recordMemory(Job running, MemoryUse use);

  /**
   * Publishes the result of an attempt: state, version, alias and last measurements in one
   * transaction. False when the attempt no longer owns its job.
   */
  boolean succeed(Job running, Publication publication, ProgressReport report);

  /**
   * Publishes the dataset version of a batch prediction, as {@link #succeed(Job, Publication,
   * ProgressReport)}.
   */
  boolean succeed(Job running, Predicted predicted, ProgressReport report);

  /** Ends a job without a version; false when the job has changed since it was read. */
  boolean finish(Job seen, JobState end, ProgressReport report);

  /** Requeues the job of an attempt; false when the attempt no longer owns its job. */
  boolean requeue(Job running, ProgressReport report);

  /**
   * Requeues the job of an attempt after a temporary fault. The fault counts as a crash: one too
   * many fails the job with {@code cause}, and so does the second lack of memory.
   *
   * @return false when the attempt no longer owns its job
   */
  boolean retryLater(Job running, JobState.Failure cause, ProgressReport report);

  /**
   * Requeues the job of an attempt that found its device full. This is no fault of the job and
   * counts as no crash; a job that has waited for as long as {@link JobProperties#deviceWait} fails
   * with {@code shortage}.
   *
   * @return false when the attempt no longer owns its job
   */
  boolean awaitDevice(Job running, JobState.Failure shortage, ProgressReport report);

  /**
   * Asks a running job to finish with its weights so far; false when its attempt has ended, or
   * another caller has asked, since it was read.
   */
  boolean requestStop(Job seen);

  /** The state of these jobs, for the worker that runs them. */
  Map<String, Signal> signals(Collection<String> ids);

  /** Deletes a job that has ended; false for others. */
  boolean delete(String id);

  /**
   * Makes a change, and repeats it while the database, or the store of files, is down. When a
   * change was stored but its answer was lost, the repetition is refused like a lost race.
   */
  <T> T retryWhileDown(Supplier<T> change);

  /** Whether the cause of a failure is only that the database, or the store of files, is down. */
  boolean isOutage(RuntimeException failure);

  /** The number of jobs by state. */
  Map<JobState.Name, Long> countByState();

  /** The number of queued jobs by pool. */
  Map<String, Long> queueDepths();

  /**
   * The version that a job publishes.
   *
   * @param evaluation of its weights, as JSON
   * @param alias the alias to move to the version, or null
   * @param objection why the alias must not move, or null
   * @param learningRates of the range test before the training, or null
   */
  record Publication(
      NewVersion version,
      String evaluation,
      @Nullable String alias,
      @Nullable String objection,
      @Nullable LearningRateCurve learningRates,
      @Nullable BaselineMetrics baseline) {
    /** The same, which moves no alias. */
    Publication objecting(String cause) {
      return new Publication(version, evaluation, alias, cause, learningRates, baseline);
    }
  }

  /**
   * What a batch prediction publishes.
   *
   * @param evaluation against the dataset's targets, as JSON; null when it has none
   * @param measured of the evaluation, by name; without values, the notes say why
   * @param skipped the rows without a prediction; null: there can be none
   * @param decisions how targets of two classes were decided, by name
   */
  record Predicted(
      DerivedDatasets.Staged dataset,
      @Nullable String evaluation,
      MeasuredValues measured,
      @Nullable SkippedRows skipped,
      Map<String, Decision.Named> decisions) {}

  /** What a worker checks while it runs a job. */
  record Signal(JobState.Name state, int attempt, boolean stopRequested) {}
}
