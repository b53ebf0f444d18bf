package io.trainyard.job;

import io.trainyard.job.frame.Frame;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of an attempt that are not stored yet. The training adds to them while another
 * thread reports them.
 *
 * <p>Reports are pages. While the database is away, {@link #thin} leaves out what would not be kept
 * anyway ({@link KeptEpochs}), and more of it where the rest would need more than {@link
 * #MOST_BYTES}.
 */
final class UnreportedMeasurements {
  /** The most epochs of a report. */
  static final int PAGE = 2_000;

  /** About the most memory of all epochs, frames and notes, in bytes. */
  static final long MOST_BYTES = 8 << 20;

  /** So many epochs come before others are left out again. */
  private static final int THINS_EVERY = 500;

  private final List<ProgressReport.Epoch> epochs = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();
  private final List<ProgressReport.Note> notes = new ArrayList<>();
  private final Set<String> noted = new HashSet<>();
  private long epochBytes;
  private long frameBytes;
  private int thinned;
  private @Nullable Progress current;
  private @Nullable Progress reported;
  private @Nullable EpochRecord last;

  /**
   * @param last the last epoch that is stored; null without one
   */
  UnreportedMeasurements(@Nullable EpochRecord last) {
    this.last = last;
  }

  synchronized void add(EpochRecord record, Progress progress) {
    epochs.add(new ProgressReport.Epoch(record, progress));
    epochBytes += bytes(record);
    last = record;
    current = progress;
  }

  /** Adds a frame, and removes those that are not kept beside it. */
  synchronized void add(Frame frame) {
    keepFramesBefore(frame);
    frames.add(frame);
    frameBytes += bytes(frame);
  }

  /** Adds a message, unless it was added before. */
  synchronized void add(ProgressReport.Note note) {
    if (noted.add(note.message())) {
      notes.add(note);
    }
  }

  /** Sets the progress within an epoch. */
  synchronized void progress(Progress progress) {
    current = progress;
  }

  /** The stored progress, brought up to date. */
  synchronized JobProgress progress(JobProgress stored) {
    return new JobProgress(
        current == null ? stored.current() : current,
        last == null ? stored.last() : last,
        stored.best(),
        stored.stopReason());
  }

  synchronized List<EpochRecord> epochs() {
    return epochs.stream().map(ProgressReport.Epoch::record).toList();
  }

  /** Adds what an earlier attempt could not report; its epochs come before all of this one. */
  synchronized void restore(ProgressReport earlier) {
    if (epochs.isEmpty()) {
      earlier.epochs().forEach(epoch -> add(epoch.record(), epoch.progress()));
      earlier.frames().forEach(this::add);
    }
    earlier.notes().forEach(this::add);
  }

  /** Whether a report should be made before more is added. */
  synchronized boolean isFull() {
    return epochs.size() >= PAGE || bytes() > MOST_BYTES;
  }

  /** About the memory of all that is not reported. */
  synchronized long bytes() {
    return epochBytes
        + frameBytes
        + notes.stream().mapToLong(note -> 2L * note.message().length()).sum();
  }

  // Reports

  /** How many reports all the epochs need, at least 1. */
  synchronized int pages() {
    return Math.max(1, (epochs.size() + PAGE - 1) / PAGE);
  }

  /**
   * The oldest measurements, as a report.
   *
   * @param mayRepeat whether an earlier report may have stored some of them
   */
  synchronized ProgressReport next(boolean mayRepeat) {
    boolean all = epochs.size() <= PAGE;
    List<ProgressReport.Epoch> page = all ? epochs : epochs.subList(0, PAGE);
    JobProgress progress;
    if (all) {
      Progress news = Objects.equals(current, reported) ? null : current;
      progress = new JobProgress(news, epochs.isEmpty() ? null : last, null, null);
    } else {
      ProgressReport.Epoch newest = page.getLast();
      progress = new JobProgress(newest.progress(), newest.record(), null, null);
    }
    return new ProgressReport(page, frames, notes, progress, mayRepeat);
  }

  /** All of them, as one report to keep. */
  synchronized ProgressReport all() {
    return new ProgressReport(
        epochs, frames, notes, new JobProgress(current, last, null, null), true);
  }

  /** Removes what a report has stored. */
  synchronized void forget(ProgressReport report) {
    if (!report.epochs().isEmpty()) {
      int stored = report.epochs().getLast().record().epoch();
      // Some may have been left out since the report was made.
      epochs.removeIf(epoch -> epoch.record().epoch() <= stored);
      countEpochBytes();
    }
    frames.removeAll(report.frames());
    countFrameBytes();
    notes.removeAll(report.notes());
    if (report.progress().current() != null) {
      reported = report.progress().current();
    }
  }

  /** Removes what can never be stored. */
  synchronized void drop(ProgressReport report) {
    forget(report);
    current = null;
    last = null;
  }

  // Fewer of them

  /** Leaves out epochs and frames if many have come since the last time. */
  synchronized void thin() {
    if (epochs.size() < thinned + THINS_EVERY && bytes() <= MOST_BYTES) {
      return;
    }
    thinFrames();
    if (!epochs.isEmpty()) {
      int newest = epochs.getLast().record().epoch();
      KeptEpochs rule = KeptEpochs.after(newest);
      keep(rule);
      rule = rule.upTo(newest - 1);
      // A quarter is left free, so that the next epoch doesn't begin this again.
      while (bytes() > MOST_BYTES / 4 * 3 && rule.width() < newest) {
        rule = rule.wider();
        keep(rule);
      }
    }
    thinned = epochs.size();
  }

  private void keep(KeptEpochs rule) {
    Set<Integer> kept = new HashSet<>();
    ThinnedEpochs bins = rule.thinned(epoch -> kept.add(epoch.epoch()));
    for (ProgressReport.Epoch epoch : epochs) {
      if (epoch.record().epoch() <= rule.old()) {
        bins.accept(epoch.record());
      }
    }
    bins.finish();
    epochs.removeIf(
        epoch -> epoch.record().epoch() <= rule.old() && !kept.contains(epoch.record().epoch()));
    countEpochBytes();
  }

  private void thinFrames() {
    if (frames.isEmpty()) {
      return;
    }
    Frame newest = frames.getLast();
    for (int every = 2 * newest.every();
        frameBytes > MOST_BYTES / 2 && every <= newest.epoch();
        every *= 2) {
      keepFramesBefore(new Frame(newest.epoch(), every, ""));
    }
  }

  private void keepFramesBefore(Frame newer) {
    frames.removeIf(older -> !older.staysBefore(newer));
    countFrameBytes();
  }

  private void countFrameBytes() {
    frameBytes = frames.stream().mapToLong(UnreportedMeasurements::bytes).sum();
  }

  private void countEpochBytes() {
    epochBytes = epochs.stream().mapToLong(epoch -> bytes(epoch.record())).sum();
  }

  private static long bytes(Frame frame) {
    return 64L + frame.json().length();
  }

  /** About the memory of an epoch and its progress, as measured for maps of boxed numbers. */
  private static long bytes(EpochRecord record) {
    long bytes = 700 + 70L * record.values().size() + 300L * record.decisions().size();
    for (Map<String, Double> numbers : record.layers().values()) {
      bytes += 200 + 70L * numbers.size();
    }
    for (String note : record.notes().values()) {
      bytes += 100 + 2L * note.length();
    }
    return bytes;
  }
}
