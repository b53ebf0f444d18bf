package io.trainyard.access;

import org.jspecify.annotations.Nullable;

/**
 * What one caller may use; null: no limit.
 *
 * @param requestsPerSecond on average; twice as many at once, after a pause
 * @param concurrentRequests in this process
 * @param storedBytes of datasets, model objects and versions together
 * @param unfinishedJobs queued or running
 */
public record Limits(
    @Nullable Integer requestsPerSecond,
    @Nullable Integer concurrentRequests,
    @Nullable Long storedBytes,
    @Nullable Integer unfinishedJobs) {
  public static final Limits NONE = new Limits(null, null, null, null);

  /** These limits, and those of a default where there are none. */
  public Limits orElse(Limits other) {
    return new Limits(
        requestsPerSecond == null ? other.requestsPerSecond : requestsPerSecond,
        concurrentRequests == null ? other.concurrentRequests : concurrentRequests,
        storedBytes == null ? other.storedBytes : storedBytes,
        unfinishedJobs == null ? other.unfinishedJobs : unfinishedJobs);
  }

  /** Whether requests are counted at all. */
  public boolean countRequests() {
    return requestsPerSecond != null || concurrentRequests != null;
  }
}
