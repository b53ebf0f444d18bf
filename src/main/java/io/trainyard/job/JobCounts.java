package io.trainyard.job;

import java.util.Map;

/** How many jobs there are, of all callers. */
public interface JobCounts {
  Map<JobState.Name, Long> byState();

  /** The queued jobs by pool. */
  Map<String, Long> queued();
}
