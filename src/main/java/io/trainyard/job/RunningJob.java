package io.trainyard.job;

import io.trainyard.error.ServiceException;
import io.trainyard.job.frame.Frame;
import io.trainyard.job.frame.FrameGrid;
import io.trainyard.memory.MemoryUse;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningNetwork;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.diagnosis.Symptom;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a job in this process: its measurements that are not stored yet, and the command
 * for its training. The training thread writes measurements; other threads report them and give
 * commands.
 */
final class RunningJob implements TrainingListener {
  private static final Logger log = LoggerFactory.getLogger(RunningJob.class);

  private final Job job;
  private final Attempts attempts;
  private final Outages outages;
  private final AttemptCheckpoints checkpoints;
  private final JobMeasurements metrics;
  private final boolean keepsEnds;
  private boolean checkpointFailing;

  /** Locked during a report, so that reports arrive in order. */
  private final ReentrantLock reporting = new ReentrantLock();

  /** Whether a report failed. It may still have been stored. */
  private volatile boolean answerLost;

  /** Whether the database was away at the last report. */
  private volatile boolean isAway;

  private final UnreportedMeasurements unreported;
  private volatile @Nullable FrameGrid grid;
  private int lastFrame;

  /** Whether the last report said that the process is near its budget of memory. */
  private boolean memoryFull;

  private volatile TrainingCommand command;

  /** The epoch after which the training suspends. */
  private volatile int lastEpoch = Integer.MAX_VALUE;

  /** Why a report can never be stored, if that happened. */
  private volatile @Nullable RuntimeException reportFailure;

  /**
   * @param keepsEnds whether the state at the end of a training is kept
   */
  RunningJob(
      Job job,
      Attempts attempts,
      Outages outages,
      AttemptCheckpoints checkpoints,
      JobMeasurements metrics,
      boolean keepsEnds) {
    this.job = job;
    this.attempts = attempts;
    this.outages = outages;
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.keepsEnds = keepsEnds;
    this.command = job.stopRequested() ? TrainingCommand.STOP : TrainingCommand.CONTINUE;
    this.unreported = new UnreportedMeasurements(job.progress().last());
  }

  Job job() {
    return job;
  }

  // Commands

  @Override
  public TrainingCommand command() {
    return command;
  }

  /**
   * Requests a command, unless a stronger one is set. From weakest to strongest: stop, suspend,
   * cancel.
   */
  synchronized void request(TrainingCommand wanted) {
    boolean stronger =
        switch (command) {
          case CONTINUE -> true;
          case STOP -> wanted == TrainingCommand.SUSPEND || wanted == TrainingCommand.CANCEL;
          case SUSPEND -> wanted == TrainingCommand.CANCEL;
          case CANCEL -> false;
        };
    if (stronger) {
      command = wanted;
    }
  }

  /** Suspends the training after this epoch. */
  void suspendAfter(int epoch) {
    lastEpoch = epoch;
  }

  /** Whether this attempt will have no result. */
  boolean givenUp() {
    return command == TrainingCommand.CANCEL || command == TrainingCommand.SUSPEND;
  }

  // Measurements

  @Override
  public void epoch(EpochRecord record, Progress progress) {
    unreported.add(record, progress);
    Symptom.of(record.layers()).forEach(symptom -> note(true, symptom));
    if (record.epoch() >= lastEpoch) {
      request(TrainingCommand.SUSPEND);
    }
    while (unreported.isFull() && !isAway && command == TrainingCommand.CONTINUE) {
      try {
        orGiveUp(this::report);
      } catch (RuntimeException e) {
        log.debug("Training goes on in an outage: {}", e.toString());
      }
    }
    if (isAway) {
      unreported.thin();
    }
  }

  /** Keeps frames of this grid from now on. */
  void show(FrameGrid wanted) {
    grid = wanted;
    unreported.add(wanted.head());
  }

  @Override
  public void look(int epoch, boolean last, LearningNetwork network) {
    FrameGrid wanted = grid;
    if (wanted != null && epoch > lastFrame && (last || wanted.isDue(epoch))) {
      Frame frame = wanted.frame(epoch, network, this::givenUp);
      if (frame != null) {
        lastFrame = epoch;
        unreported.add(frame);
      }
    }
  }

  @Override
  public void note(boolean warns, String message) {
    unreported.add(new ProgressReport.Note(warns, message));
  }

  @Override
  public void progress(Progress progress) {
    unreported.progress(progress);
  }

  /** The stored progress, brought up to date with what is not reported yet. */
  JobProgress progress(JobProgress stored) {
    return unreported.progress(stored);
  }

  List<EpochRecord> unreportedEpochs() {
    return unreported.epochs();
  }

  // Checkpoints

  /** The checkpoint of an earlier attempt, to continue from. */
  @Nullable Checkpoint lastCheckpoint() {
    Checkpoint checkpoint = checkpoints.last(this::reportEarlier);
    if (checkpoint != null) {
      Checkpoint.Position at = checkpoint.position();
      int epochs = at.members().stream().mapToInt(EnsembleMember::epochs).sum() + at.epochs();
      log.info("Continues after epoch {}", epochs);
    }
    return checkpoint;
  }

  private void reportEarlier(ProgressReport left) {
    unreported.restore(left);
    if (!report()) {
      request(TrainingCommand.CANCEL);
    }
  }

  @Override
  public boolean wantsCheckpoints() {
    return checkpoints.isDue();
  }

  @Override
  public boolean wantsEnd() {
    return keepsEnds;
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    try {
      if (isAway || !orOutage(() -> saveWithReport(checkpoint))) {
        checkpoints.saveInOutage(checkpoint, unreported.all());
      }
      checkpointFailing = false;
    } catch (RuntimeException e) {
      metrics.checkpointFailed();
      boolean outage = outages.isOutage(e);
      if (!checkpointFailing && !outage) {
        log.warn("Checkpoints cannot be stored, training continues: {}", e.toString());
      }
      checkpointFailing |= !outage;
    }
    checkpoints.planNext();
  }

  /** Saves a checkpoint, or gives the attempt up when it no longer owns the job. */
  private void saveWithReport(Checkpoint checkpoint) {
    // The epochs go first: an attempt that continues from the checkpoint doesn't repeat them.
    if (!report() || !checkpoints.save(checkpoint)) {
      request(TrainingCommand.CANCEL);
    }
  }

  /** Makes a change; false in an outage. */
  private boolean orOutage(Runnable change) {
    try {
      change.run();
      return true;
    } catch (RuntimeException e) {
      if (!outages.isOutage(e)) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Keeps what the training of a trial has ended with, in place of its checkpoint.
   *
   * @return false when this attempt no longer owns the job
   * @throws RuntimeException when it cannot be stored
   */
  boolean keepResult(Checkpoint result) {
    return checkpoints.save(result);
  }

  /** Keeps the checkpoint of a job that has succeeded. */
  void keepCheckpoint() {
    checkpoints.keep();
  }

  /** Deletes the checkpoint of a job that has ended. */
  void clearCheckpoint() {
    checkpoints.clear();
  }

  // Reports

  /** Stores the threads of the training; an attempt that lost its job notices that later. */
  void threads(int threads) {
    attempts.recordThreads(job, threads);
  }

  /**
   * Stores new measurements and the memory of the process.
   *
   * @throws RuntimeException when only the database is down
   */
  void report(MemoryUse use) {
    orGiveUp(() -> reportMemory(use) && report());
  }

  /**
   * Gives the attempt up when it no longer owns the job, or when a report can never be stored:
   * other jobs are not to suffer from it.
   */
  private void orGiveUp(BooleanSupplier report) {
    try {
      if (!report.getAsBoolean()) {
        request(TrainingCommand.CANCEL);
      }
    } catch (RuntimeException e) {
      if (outages.isOutage(e)) {
        throw e;
      }
      request(TrainingCommand.CANCEL);
    }
  }

  /** Stores new measurements; false when this attempt no longer owns the job. */
  private boolean report() {
    reporting.lock();
    try {
      boolean owned = true;
      for (int pages = unreported.pages(); pages > 0 && owned; pages--) {
        owned = reportPage();
      }
      return owned;
    } finally {
      reporting.unlock();
    }
  }

  private boolean reportPage() {
    ProgressReport report = unreported.next(answerLost);
    if (report.isEmpty()) {
      return true;
    }
    boolean owned = send(report, news -> attempts.record(job, news));
    unreported.forget(report);
    isAway = false;
    return owned;
  }

  /**
   * Stores the memory of the process when it comes near its budget, and when it has room again;
   * false when this attempt no longer owns the job.
   */
  private boolean reportMemory(MemoryUse use) {
    if (use.full() == memoryFull) {
      return true;
    }
    boolean owned = attempts.recordMemory(job, use);
    memoryFull = use.full();
    return owned;
  }

  /**
   * Ends the attempt with its last report, which may be empty.
   *
   * @param end stores the end and the report; false when this attempt no longer owns the job
   */
  boolean reportEnd(Predicate<ProgressReport> end) {
    reporting.lock();
    try {
      for (int pages = unreported.pages(); pages > 1; pages--) {
        if (!reportPage()) {
          return false;
        }
      }
      return send(unreported.next(answerLost), end);
    } finally {
      reporting.unlock();
    }
  }

  private boolean send(ProgressReport report, Predicate<ProgressReport> change) {
    try {
      return change.test(report);
    } catch (ServiceException e) {
      throw e;
    } catch (RuntimeException e) {
      answerLost = true;
      isAway = outages.isOutage(e);
      if (!isAway) {
        // The job can then end without it.
        reportFailure = e;
        unreported.drop(report);
      }
      throw e;
    }
  }

  /** Why a report can never be stored; null if all were stored or can be. */
  @Nullable RuntimeException reportFailure() {
    return reportFailure;
  }

  /** Throws why a report can never be stored: a job that lost epochs must not succeed. */
  void requireReports() {
    RuntimeException failure = reportFailure;
    if (failure != null) {
      throw failure;
    }
  }
}
