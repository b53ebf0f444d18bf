package io.trainyard.job.event;

import io.trainyard.job.JobState;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import org.jspecify.annotations.Nullable;

/** An event of a job. */
public sealed interface JobEvent {
  /** Counts the events of a job from 1 without gaps, in the order in which they happened. */
  int id();

  /**
   * The job has a new state.
   *
   * @param queuePosition null unless the job is queued
   */
  record StateChanged(int id, JobState.Name state, int attempt, @Nullable Integer queuePosition)
      implements JobEvent {}

  /** An epoch has ended. */
  record EpochEnded(int id, EpochRecord epoch, Progress progress) implements JobEvent {}

  /**
   * Something that the caller should know.
   *
   * @param level {@code info} or {@code warn}
   */
  record Logged(int id, String level, String message) implements JobEvent {}

  /** The last event of a job. */
  record Done(int id) implements JobEvent {}

  /**
   * An event that this release cannot read, such as one of a kind that a newer release added. No
   * caller gets it; it has a number, so that those after it are read.
   */
  record Unreadable(int id) implements JobEvent {}
}
