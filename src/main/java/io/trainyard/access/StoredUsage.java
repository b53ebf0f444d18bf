package io.trainyard.access;

/** What callers have stored and queued, in all processes, for their quotas. */
public interface StoredUsage {
  /** The bytes of the datasets and versions that a caller has stored. */
  long bytes(String owner);

  /** The jobs of a caller that have not ended; a sweep is one. */
  long unfinishedJobs(String owner);
}
