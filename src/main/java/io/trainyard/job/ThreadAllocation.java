package io.trainyard.job;

import io.trainyard.engine.EngineProperties;
import io.trainyard.tensor.Device;
import org.springframework.stereotype.Component;

/** How many threads a job trains with, and on what. */
@Component
final class ThreadAllocation {
  private final JobProperties properties;
  private final int cores;

  ThreadAllocation(JobProperties properties, Roles roles, EngineProperties engine) {
    this.properties = properties;
    // A process that also answers requests keeps a core for them.
    this.cores = Math.max(1, engine.coreCount() - (roles.api() ? 1 : 0));
  }

  /**
   * Threads for one job.
   *
   * @param wanted by the caller; 0 leaves it to the pool
   */
  int of(String pool, int wanted) {
    JobProperties.Pool settings = settings(pool);
    int given = settings.threads() > 0 ? settings.threads() : cores / Math.max(1, settings.slots());
    int most = Math.max(1, Math.min(given, cores));
    return wanted == 0 ? most : Math.min(wanted, most);
  }

  Device device(String pool) {
    return settings(pool).device();
  }

  private JobProperties.Pool settings(String pool) {
    JobProperties.Pool settings = properties.pools().get(pool);
    if (settings == null) {
      throw new IllegalStateException("there is no pool '" + pool + "' here");
    }
    return settings;
  }
}
