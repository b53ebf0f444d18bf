package io.trainyard.model.serving;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The decisions about versions as this process knows them, each version given by its id. */
public final class ServingDecisions {
  private volatile Map<Long, VersionServing> byId = Map.of();

  /** Replaces all. */
  public void set(List<VersionServing> decided) {
    byId = decided.stream().collect(Collectors.toUnmodifiableMap(VersionServing::id, each -> each));
  }

  /** Whether a version stays in memory. */
  public boolean isPinned(long version) {
    VersionServing decided = byId.get(version);
    return decided != null && decided.pinned() && !decided.unloaded();
  }

  /** Whether requests for a version are refused. */
  public boolean isUnloaded(long version) {
    VersionServing decided = byId.get(version);
    return decided != null && decided.unloaded();
  }

  /** Why the service itself unloaded a version; null when it did not. */
  public @Nullable String quarantine(long version) {
    VersionServing decided = byId.get(version);
    return decided != null && decided.unloaded() ? decided.quarantine() : null;
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
