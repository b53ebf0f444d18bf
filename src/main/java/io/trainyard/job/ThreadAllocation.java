package io.trainyard.job;

import io.trainyard.engine.EngineProperties;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.process.Roles;
import io.trainyard.tensor.Device;
import org.springframework.stereotype.Component;

/** The threads and the device that a job trains with. */
@Component
public final class ThreadAllocation {
  private final JobProperties properties;
  private final int cores;

  ThreadAllocation(JobProperties properties, Roles roles, EngineProperties engine) {
    this.properties = properties;
    // A process that also answers requests keeps one core for them.
    this.cores = Math.max(1, engine.coreCount() - (roles.api() ? 1 : 0));
  }

  /**
   * The threads of one job.
   *
   * @param wanted the threads that the request asks for; 0 for the pool's default
   */
  public int of(String pool, int wanted) {
    WorkerPool settings = settings(pool);
    int allowed =
        settings.threads() > 0 ? settings.threads() : cores / Math.max(1, settings.slots());
    int max = Math.max(1, Math.min(allowed, cores));
    return wanted == 0 ? max : Math.min(wanted, max);
  }

  public Device device(String pool) {
    return settings(pool).device();
  }

  /** The cores that trainings may use. */
  public int cores() {
    return cores;
  }

  private WorkerPool settings(String pool) {
    WorkerPool settings = properties.pools().get(pool);
    if (settings == null) {
      throw new IllegalStateException("this process has no pool '" + pool + "'");
    }
    return settings;
  }
}
