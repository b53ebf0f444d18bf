package io.trainyard.job.event;

import io.trainyard.train.Progress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stored events of all jobs. */
public interface EventStore {
  /** At most {@code limit} events of a job after an event, in order. */
  List<JobEvent> events(String job, int after, int limit);

  /** How far each job is; jobs that don't exist are left out. */
  Map<String, Head> heads(Collection<String> jobs);

  /**
   * How far a job is.
   *
   * @param event the number of its newest event
   * @param progress of a running job; null before its first step
   */
  record Head(int event, @Nullable Progress progress) {}
}
