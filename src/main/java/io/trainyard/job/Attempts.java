package io.trainyard.job;

import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.memory.MemoryUse;
import io.trainyard.model.Alias;
import io.trainyard.model.NewVersion;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.MeasuredForms;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.MeasuredValues;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Attempts at jobs, as workers make them. A change is a compare-and-set, as in {@link JobStore}: it
 * answers false, and must be followed by no other, when the attempt no longer owns its job.
 */
public interface Attempts {
  /**
   * Starts a new attempt. A job that is already running was left by a worker that died: this counts
   * as a crash, and a job with too many crashes fails.
   *
   * @return empty when the job has ended, or another worker has picked it
   */
  Optional<Job> start(String id, JobState.Running by);

  /**
   * How long a job has been queued that has to run alone in its worker, because it may have crashed
   * one while others ran there; empty for other jobs.
   */
  Optional<Duration> waitToRunAlone(String id);

  /** The header {@code traceparent} of the request that submitted a job; null without one. */
  @Nullable String traceparent(String id);

  /** Stores the progress of an attempt. */
  boolean record(Job running, ProgressReport report);

  /** Stores the threads that an attempt trains with. */
  boolean recordThreads(Job running, int threads);

  /**
   * Stores the memory of the process that runs an attempt. If the process dies next, it died for
   * lack of memory.
   */
  boolean recordMemory(Job running, MemoryUse use);

  /** The state of these jobs, for the worker that runs them. */
  Map<String, Signal> signals(Collection<String> ids);

  /** What a worker checks while it runs a job. */
  record Signal(JobState.Name state, int attempt, boolean stopRequested) {}

  /**
   * Publishes the result of an attempt: state, version, alias and last measurements in one
   * transaction.
   */
  boolean succeed(Job running, Publication publication, ProgressReport report);

  /**
   * The version that a job publishes.
   *
   * @param evaluation of its weights, as JSON
   * @param alias the alias to move to the version, or null
   * @param objection why the alias must not move, or null
   * @param delay why the alias moves later, in the background, or null
   * @param answers whether the version can answer
   * @param learningRates of the range test before the training, or null
   * @param forms of the values that the training ended with
   */
  record Publication(
      NewVersion version,
      String evaluation,
      @Nullable String alias,
      @Nullable String objection,
      @Nullable String delay,
      boolean answers,
      @Nullable LearningRateCurve learningRates,
      @Nullable BaselineMetrics baseline,
      MeasuredForms forms) {
    /** Of a version that answers, as far as its metrics say, and whose alias moves at once. */
    public Publication(
        NewVersion version,
        String evaluation,
        @Nullable String alias,
        @Nullable String objection,
        @Nullable LearningRateCurve learningRates,
        @Nullable BaselineMetrics baseline,
        MeasuredForms forms) {
      this(version, evaluation, alias, objection, null, true, learningRates, baseline, forms);
    }

    /** Whether it moves an alias, now or later. */
    public boolean moves() {
      return alias != null && objection == null;
    }

    /** Whether it serves where it is its model's first: its job has not decided about that. */
    public boolean mayServeFirst() {
      return answers && !Alias.PRODUCTION.equals(alias);
    }

    /** The same of a version that cannot answer: it moves no alias. */
    Publication unanswering(String cause) {
      return new Publication(
          version,
          evaluation,
          alias,
          moves() ? cause : objection,
          delay,
          false,
          learningRates,
          baseline,
          forms);
    }

    /** The same, whose alias moves later. */
    Publication delaying(String cause) {
      return new Publication(
          version, evaluation, alias, objection, cause, answers, learningRates, baseline, forms);
    }
  }

  /**
   * Publishes the dataset version of a batch prediction, as {@link #succeed(Job, Publication,
   * ProgressReport)}.
   */
  boolean succeed(Job running, Predicted predicted, ProgressReport report);

  /**
   * What a batch prediction publishes.
   *
   * @param evaluation against the dataset's targets, as JSON; null when it has none
   * @param measured of the evaluation, by name; without values, the notes say why
   * @param forms of these values
   * @param skipped the rows without a prediction; null: there can be none
   * @param decisions how targets of two classes were decided, by name
   */
  record Predicted(
      DerivedDatasets.Staged dataset,
      @Nullable String evaluation,
      MeasuredValues measured,
      MeasuredForms forms,
      @Nullable SkippedRows skipped,
      Map<String, Decision.Named> decisions) {}

  /** Ends the job of an attempt without a version. */
  boolean finish(Job running, JobState end, ProgressReport report);

  /** Requeues the job of an attempt. */
  boolean requeue(Job running, ProgressReport report);

  /**
   * Requeues the job of an attempt after a temporary fault. The fault counts as a crash: one too
   * many fails the job with {@code cause}, and so does the second lack of memory.
   */
  boolean retryLater(Job running, JobState.Failure cause, ProgressReport report);

  /**
   * Requeues the job of an attempt that found its device full. This is no fault of the job and
   * counts as no crash; a job that has waited for as long as {@link JobProperties#deviceWait} fails
   * with {@code shortage}.
   */
  boolean awaitDevice(Job running, JobState.Failure shortage, ProgressReport report);
}
