package io.trainyard.model.serving;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The decisions about versions as this process knows them, each version given by its id. */
public final class ServingDecisions {
  private volatile Set<Long> pinned = Set.of();
  private volatile Set<Long> unloaded = Set.of();
  private volatile Map<Long, String> quarantined = Map.of();

  /**
   * Replaces all.
   *
   * @param reasons why the service itself unloaded some of them
   */
  public void set(Set<Long> toPin, Set<Long> toUnload, Map<Long, String> reasons) {
    quarantined = Map.copyOf(reasons);
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

  /** Why the service itself unloaded a version; null when it did not. */
  public @Nullable String quarantine(long version) {
    return quarantined.get(version);
  }

  /** The refusal of a request for an unloaded version. */
  public ServiceException refusal(ModelVersion version) {
    String reason = quarantine(version.id());
    return new ServiceException(
        ErrorCode.UNAVAILABLE,
        reason == null
            ? version.reference() + " was unloaded; load it to serve it again"
            : "%s is in quarantine: %s. Load it to serve it again"
                .formatted(version.reference(), reason),
        ServiceException.NEVER);
  }
}
