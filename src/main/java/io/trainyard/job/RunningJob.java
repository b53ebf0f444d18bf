package io.trainyard.job;

import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a job in this process: what it has measured and not yet reported, and what it is
 * asked to do. The training thread writes, others read and ask.
 */
final class RunningJob implements TrainingListener {
  private static final Logger log = LoggerFactory.getLogger(RunningJob.class);

  private final Job job;

  /** Held while a report is on its way, so that reports arrive in order. */
  private final ReentrantLock reporting = new ReentrantLock();

  /** Whether some report failed: it may have been stored all the same. */
  private volatile boolean answerLost;

  private final List<ProgressReport.Epoch> unreported = new ArrayList<>();
  private @Nullable Progress progress;
  private @Nullable Progress reportedProgress;
  private @Nullable EpochRecord last;
  private volatile TrainingCommand directive;

  private final JobStore store;
  private final CheckpointStore checkpoints;
  private final long checkpointEvery;
  private long nextCheckpoint;

  RunningJob(Job job, JobStore store, CheckpointStore checkpoints, Duration checkpointEvery) {
    this.job = job;
    this.store = store;
    this.checkpoints = checkpoints;
    this.checkpointEvery = checkpointEvery.toNanos();
    this.nextCheckpoint = System.nanoTime() + this.checkpointEvery;
    this.directive = job.stopRequested() ? TrainingCommand.STOP : TrainingCommand.CONTINUE;
    this.last = job.standing().last();
  }

  Job job() {
    return job;
  }

  // What it is asked

  @Override
  public TrainingCommand command() {
    return directive;
  }

  /** Asks for something; what gives up more prevails. */
  synchronized void ask(TrainingCommand wanted) {
    boolean givesUpMore =
        switch (directive) {
          case CONTINUE -> true;
          case STOP -> wanted == TrainingCommand.SUSPEND || wanted == TrainingCommand.CANCEL;
          case SUSPEND -> wanted == TrainingCommand.CANCEL;
          case CANCEL -> false;
        };
    if (givesUpMore) {
      directive = wanted;
    }
  }

  /** Whether the result is of no use any more, now or in this attempt. */
  boolean givenUp() {
    return directive == TrainingCommand.CANCEL || directive == TrainingCommand.SUSPEND;
  }

  // What it measures

  @Override
  public synchronized void epoch(EpochRecord record, Progress reached) {
    unreported.add(new ProgressReport.Epoch(record, reached));
    last = record;
    progress = reached;
  }

  @Override
  public synchronized void progress(Progress reached) {
    progress = reached;
  }

  // What another attempt could go on from

  @Override
  public boolean wantsCheckpoints() {
    return System.nanoTime() - nextCheckpoint >= 0;
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    try {
      // The epochs before it go first: an attempt that goes on from it does not see them again.
      if (!report() || !checkpoints.save(job.id(), job.attempt(), checkpoint)) {
        ask(TrainingCommand.CANCEL);
      }
    } catch (RuntimeException e) {
      log.warn("The checkpoint could not be kept, training goes on: {}", e.toString());
    }
    nextCheckpoint = System.nanoTime() + checkpointEvery;
  }

  /** Reports to the store; false when this attempt does not own the job any more. */
  boolean report() {
    return report(news -> store.record(job, news));
  }

  /**
   * Sends what has not been reported; keeps it when that fails.
   *
   * @param send answers whether this attempt still owns the job
   * @return false when it does not
   */
  private boolean report(Predicate<ProgressReport> send) {
    reporting.lock();
    try {
      ProgressReport report = unreported();
      if (report.epochs().isEmpty() && report.standing().progress() == null) {
        return true;
      }
      boolean mine = sent(send, report);
      reported(report);
      return mine;
    } finally {
      reporting.unlock();
    }
  }

  /** As {@link #report}, for the last report: sent even when it is empty. */
  boolean reportEnd(Predicate<ProgressReport> send) {
    reporting.lock();
    try {
      return sent(send, unreported());
    } finally {
      reporting.unlock();
    }
  }

  private boolean sent(Predicate<ProgressReport> send, ProgressReport report) {
    try {
      return send.test(report);
    } catch (RuntimeException e) {
      answerLost = true;
      throw e;
    }
  }

  private synchronized ProgressReport unreported() {
    Progress news = Objects.equals(progress, reportedProgress) ? null : progress;
    return new ProgressReport(
        unreported,
        new Job.Standing(news, unreported.isEmpty() ? null : last, null, null),
        answerLost);
  }

  private synchronized void reported(ProgressReport report) {
    unreported.subList(0, report.epochs().size()).clear();
    if (report.standing().progress() != null) {
      reportedProgress = report.standing().progress();
    }
  }

  /** The stored job brought up to date with what has not been reported yet. */
  synchronized Job.Standing standing(Job.Standing stored) {
    return new Job.Standing(
        progress == null ? stored.progress() : progress,
        last == null ? stored.last() : last,
        stored.best(),
        stored.stopReason());
  }

  synchronized List<EpochRecord> unreportedEpochs() {
    return unreported.stream().map(ProgressReport.Epoch::record).toList();
  }
}
