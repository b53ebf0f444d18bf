package io.trainyard.model.serving;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.util.Set;

/** The decisions about versions as this process knows them, each version given by its id. */
public final class ServingDecisions {
  private volatile Set<Long> pinned = Set.of();
  private volatile Set<Long> unloaded = Set.of();

  /** Replaces all. */
  public void set(Set<Long> toPin, Set<Long> toUnload) {
    pinned = Set.copyOf(toPin);
    unloaded = Set.copyOf(toUnload);
  }

  /** Whether a version stays in memory. */
  public boolean isPinned(long version) {
    return pinned.contains(version);
  }

  /** Whether requests for a version are refused. */
  public boolean isUnloaded(long version) {
    return unloaded.contains(version);
  }

  /** The refusal of a request for an unloaded version. */
  public static ServiceException unloaded(ModelVersion version) {
    return new ServiceException(
        ErrorCode.UNAVAILABLE, version.reference() + " was unloaded; load it to serve it again");
  }
}
