package io.trainyard.predict;

import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which version a reference means, remembered for a moment so that a prediction asks no database.
 * This process's own changes are seen at once, those of others when the moment is over. While the
 * database is away the last answer holds.
 */
final class ResolvedVersions {
  private static final Logger log = LoggerFactory.getLogger(ResolvedVersions.class);
  private static final int MAX_ENTRIES = 10_000;

  private final ModelRegistry registry;
  private final long nanos;
  private final LongSupplier nanoTime;
  private final ConcurrentMap<Reference, Resolved> known = new ConcurrentHashMap<>();

  ResolvedVersions(ModelRegistry registry, long nanos, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanos = nanos;
    this.nanoTime = nanoTime;
  }

  private record Reference(String model, @Nullable String version) {}

  private record Resolved(ModelVersion version, long changes, long at) {}

  ModelVersion resolve(String model, @Nullable String version) {
    Reference reference = new Reference(model, version);
    Resolved resolved = known.get(reference);
    long changes = registry.changes();
    long now = nanoTime.getAsLong();
    if (resolved != null && resolved.changes() == changes && now - resolved.at() < nanos) {
      return resolved.version();
    }
    try {
      ModelVersion found = registry.resolve(model, version);
      if (known.size() >= MAX_ENTRIES) {
        known.clear();
      }
      known.put(reference, new Resolved(found, changes, now));
      return found;
    } catch (ServiceException e) {
      known.remove(reference); // it was deleted
      throw e;
    } catch (RuntimeException e) {
      if (resolved == null) {
        throw e;
      }
      log.warn(
          "The database does not answer; {} stays {}", reference, resolved.version().version());
      known.put(reference, new Resolved(resolved.version(), changes, now));
      return resolved.version();
    }
  }
}
