package io.trainyard.job;

import io.trainyard.error.ServiceException;
import io.trainyard.job.frame.Frame;
import io.trainyard.job.frame.FrameGrid;
import io.trainyard.memory.MemoryUse;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningNetwork;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.diagnosis.Symptom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

  /** A training waits when so many of its epochs are not stored. */
  static final int MOST_UNREPORTED = 2_000;

  private final Job job;
  private final Attempts attempts;
  private final Outages outages;
  private final CheckpointStore checkpoints;
  private final JobMeasurements metrics;
  private final boolean keepsEnds;
  private final long checkpointNanos;
  private long nextCheckpoint;
  private boolean checkpointFailing;

  /** Locked during a report, so that reports arrive in order. */
  private final ReentrantLock reporting = new ReentrantLock();

  /** Whether a report failed. It may still have been stored. */
  private volatile boolean answerLost;

  /** Whether the database was away at the last report. */
  private volatile boolean isAway;

  private final List<ProgressReport.Epoch> unreported = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();
  private final List<ProgressReport.Note> notes = new ArrayList<>();
  private final Set<String> noted = new HashSet<>();
  private volatile @Nullable FrameGrid grid;
  private int lastFrame;
  private @Nullable Progress current;
  private @Nullable Progress reported;
  private @Nullable EpochRecord last;

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
      CheckpointStore checkpoints,
      JobMeasurements metrics,
      Duration checkpointEvery,
      boolean keepsEnds) {
    this.job = job;
    this.attempts = attempts;
    this.outages = outages;
    this.checkpoints = checkpoints;
    this.metrics = metrics;
    this.keepsEnds = keepsEnds;
    this.checkpointNanos = checkpointEvery.toNanos();
    this.nextCheckpoint = System.nanoTime() + checkpointNanos;
    this.command = job.stopRequested() ? TrainingCommand.STOP : TrainingCommand.CONTINUE;
    this.last = job.progress().last();
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
    add(record, progress);
    while (isFull() && !isAway && command == TrainingCommand.CONTINUE) {
      try {
        orGiveUp(this::report);
      } catch (RuntimeException e) {
        isAway = true; // training goes on in an outage
      }
    }
  }

  private synchronized boolean isFull() {
    return unreported.size() >= MOST_UNREPORTED;
  }

  private synchronized void add(EpochRecord record, Progress progress) {
    unreported.add(new ProgressReport.Epoch(record, progress));
    Symptom.of(record.layers()).forEach(symptom -> note(true, symptom));
    last = record;
    current = progress;
    if (record.epoch() >= lastEpoch) {
      request(TrainingCommand.SUSPEND);
    }
  }

  /** Keeps frames of this grid from now on. */
  void show(FrameGrid wanted) {
    grid = wanted;
    add(wanted.head());
  }

  @Override
  public void look(int epoch, boolean last, LearningNetwork network) {
    FrameGrid wanted = grid;
    if (wanted != null && epoch > lastFrame && (last || wanted.isDue(epoch))) {
      Frame frame = wanted.frame(epoch, network, this::givenUp);
      if (frame != null) {
        lastFrame = epoch;
        add(frame);
      }
    }
  }

  private synchronized void add(Frame frame) {
    frames.removeIf(older -> !older.staysBefore(frame));
    frames.add(frame);
  }

  @Override
  public synchronized void note(boolean warns, String message) {
    if (noted.add(message)) {
      notes.add(new ProgressReport.Note(warns, message));
    }
  }

  @Override
  public synchronized void progress(Progress progress) {
    current = progress;
  }

  /** The stored progress, brought up to date with what is not reported yet. */
  synchronized JobProgress progress(JobProgress stored) {
    return new JobProgress(
        current == null ? stored.current() : current,
        last == null ? stored.last() : last,
        stored.best(),
        stored.stopReason());
  }

  synchronized List<EpochRecord> unreportedEpochs() {
    return unreported.stream().map(ProgressReport.Epoch::record).toList();
  }

  // Checkpoints

  /** The checkpoint of an earlier attempt, to continue from. */
  @Nullable Checkpoint lastCheckpoint() {
    Checkpoint checkpoint = job.attempt() == 1 ? null : checkpoints.latest(job.id()).orElse(null);
    if (checkpoint != null && checkpoint.isResult()) {
      // The attempt that stored it died before the job had ended.
      return null;
    }
    if (checkpoint != null) {
      Checkpoint.Position at = checkpoint.position();
      int epochs = at.members().stream().mapToInt(EnsembleMember::epochs).sum() + at.epochs();
      log.info("Continues after epoch {}", epochs);
    }
    return checkpoint;
  }

  @Override
  public boolean wantsCheckpoints() {
    return System.nanoTime() - nextCheckpoint >= 0;
  }

  @Override
  public boolean wantsEnd() {
    return keepsEnds;
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    try {
      // The epochs go first: an attempt that continues from the checkpoint doesn't repeat them.
      if (!report() || !save(checkpoint)) {
        request(TrainingCommand.CANCEL);
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
    nextCheckpoint = System.nanoTime() + checkpointNanos;
  }

  /**
   * Keeps what the training of a trial has ended with, in place of its checkpoint.
   *
   * @return false when this attempt no longer owns the job
   * @throws RuntimeException when it cannot be stored
   */
  boolean keepResult(Checkpoint result) {
    return save(result);
  }

  private boolean save(Checkpoint checkpoint) {
    long start = System.nanoTime();
    boolean owned = checkpoints.save(job.id(), job.attempt(), checkpoint);
    if (owned) {
      metrics.checkpointed(checkpoint.bytes(), System.nanoTime() - start);
    }
    return owned;
  }

  /** Keeps the checkpoint of a job that has succeeded; a cleanup bounds them later if it fails. */
  void keepCheckpoint() {
    try {
      checkpoints.keep(job.id());
    } catch (RuntimeException e) {
      log.warn("Older checkpoints could not be deleted: {}", e.toString());
    }
  }

  /** Deletes the checkpoint of a job that has ended; a cleanup repeats this later if it fails. */
  void clearCheckpoint() {
    try {
      checkpoints.clear(job.id());
    } catch (RuntimeException e) {
      log.warn("The job's checkpoint could not be deleted: {}", e.toString());
    }
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
      ProgressReport report = unreported();
      if (report.isEmpty()) {
        return true;
      }
      boolean owned = send(report, news -> attempts.record(job, news));
      forget(report);
      isAway = false;
      return owned;
    } finally {
      reporting.unlock();
    }
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
      return send(unreported(), end);
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
      if (!outages.isOutage(e)) {
        drop(report, e);
      }
      throw e;
    }
  }

  /** Gives up a report that the database refuses, so that the job can end without it. */
  private synchronized void drop(ProgressReport report, RuntimeException cause) {
    reportFailure = cause;
    forget(report);
    current = null;
    last = null;
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

  private synchronized ProgressReport unreported() {
    Progress news = Objects.equals(current, reported) ? null : current;
    return new ProgressReport(
        unreported,
        frames,
        notes,
        new JobProgress(news, unreported.isEmpty() ? null : last, null, null),
        answerLost);
  }

  private synchronized void forget(ProgressReport report) {
    unreported.subList(0, report.epochs().size()).clear();
    frames.removeAll(report.frames());
    notes.subList(0, report.notes().size()).clear();
    if (report.progress().current() != null) {
      reported = report.progress().current();
    }
  }
}
