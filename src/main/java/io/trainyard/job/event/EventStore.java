package io.trainyard.job.event;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The stored events of all jobs. */
public interface EventStore {
  /** At most {@code limit} events of a job after an event, in order. */
  List<JobEvent> events(String job, int after, int limit);

  /** The number of the newest event by job; jobs that don't exist are left out. */
  Map<String, Integer> lastEvents(Collection<String> jobs);
}
