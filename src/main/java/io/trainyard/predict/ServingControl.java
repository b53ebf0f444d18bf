package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.serving.ModelLimits;
import io.trainyard.model.serving.ServingDecisions;
import io.trainyard.model.serving.ServingLimits;
import io.trainyard.model.serving.VersionServing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies what operators decided about serving to this process. */
public final class ServingControl {
  private static final Logger log = LoggerFactory.getLogger(ServingControl.class);

  private final LoadedModels models;
  private final ModelLimits limits;
  private final long maxBytes;

  ServingControl(LoadedModels models, ModelLimits limits, long maxBytes) {
    this.maxBytes = maxBytes;
    this.models = models;
    this.limits = limits;
  }

  /** Replaces all decisions about versions; those that are unloaded now are evicted. */
  public void decide(List<VersionServing> decided) {
    ServingDecisions decisions = models.decisions();
    decisions.set(decided);
    models.drop(
        version -> decisions.isUnloaded(version.id()), EvictionReason.UNLOADED, decisions::refusal);
  }

  /** Replaces the limits of all models. */
  public void limit(Map<String, ServingLimits> byModel) {
    limits.set(byModel);
  }

  /** Whether requests for a version are refused. */
  public boolean isUnloaded(ModelVersion version) {
    return models.decisions().isUnloaded(version.id());
  }

  /** Starts to load a version; what hinders it is logged. */
  public void startLoading(ModelVersion version) {
    try {
      models.startLoading(version);
    } catch (ServiceException e) {
      log.debug("{} does not begin to load", version.reference(), e);
    }
  }

  /** Why the service itself unloaded a version; null when it did not. */
  public @Nullable String quarantine(ModelVersion version) {
    return models.decisions().quarantine(version.id());
  }

  /** Loads versions again whose networks are gone with the process that computed them. */
  public void reload(Set<String> files) {
    models.reload(version -> files.contains(version.weights().sha256()));
  }

  /** Whether a version fits into memory without the eviction of another. */
  public boolean hasRoom(ModelVersion version) {
    return models.bytes() + LoadedModels.reserved(version) <= maxBytes;
  }

  /** Whether a version can answer at once. */
  public boolean isLoaded(long version) {
    return models.isReady(version);
  }

  /**
   * Refuses to pin a version that does not fit beside those that are pinned.
   *
   * @throws ServiceException TOO_MUCH_MEMORY
   */
  public void checkPin(ModelVersion version) {
    long needed = LoadedModels.reserved(version);
    for (LoadedModel model : models.all()) {
      ModelVersion other = model.version();
      boolean counts = models.decisions().isPinned(other.id()) && other.id() != version.id();
      needed += counts ? LoadedModels.reserved(other) : 0;
    }
    if (needed > maxBytes) {
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY,
          "%s and the pinned versions need %d bytes; trainyard.predict.loaded-bytes allows %d"
              .formatted(version.reference(), needed, maxBytes));
    }
  }
}
