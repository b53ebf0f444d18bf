package io.trainyard.job;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** The queues of the pools: what queued jobs wait for, and which jobs still hold a slot. */
public interface WaitingJobs {
  /** The positions of queued jobs in their pools' queues by id, from 1. */
  Map<String, Integer> positions(Collection<Job> queued);

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
}
