package io.trainyard.job.check;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.tensor.Device;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Chooses the pool of a job, and refuses a job that no pool could run. */
public final class PoolChooser {
  private final Map<String, WorkerPool> pools;

  /**
   * Chooses among these pools.
   *
   * @param pools in the order in which they are tried
   */
  public PoolChooser(Map<String, WorkerPool> pools) {
    this.pools = pools;
  }

  /**
   * The pool that the request names. Otherwise the first pool with the device; a pool that this
   * process serves comes before others, which may have no process at all.
   */
  public String choose(JobRequest.Resources resources, Violations violations) {
    String pool = resources.pool();
    if (pool.isEmpty()) {
      pool = first(resources.device());
      if (pool.isEmpty()) {
        violations.add(
            "/resources/device",
            "No worker pool has the device '"
                + resources.device().code()
                + "'; the pools are "
                + describe());
      }
    } else if (!pools.containsKey(pool)) {
      violations.add(
          "/resources/pool",
          "There is no pool '" + JsonObject.shorten(pool) + "'; the pools are " + describe());
    } else if (!resources.device().accepts(pools.get(pool).device())) {
      violations.add(
          "/resources/device",
          "Pool '" + pool + "' does not have the device '" + resources.device().code() + "'");
    }
    return pool;
  }

  /** Why a job in a pool only waits here; null where there is such a pool. */
  public @Nullable String missing(String pool) {
    return pools.containsKey(pool)
        ? null
        : "There is no pool '%s'; the pools are %s. Add it to trainyard.jobs.pools, or cancel the job and submit it to another pool"
            .formatted(JsonObject.shorten(pool), describe());
  }

  /** A pool's name, with its device where that is none that every machine has. */
  public String described(String pool) {
    WorkerPool settings = pools.get(pool);
    return settings == null || settings.device() == Device.CPU
        ? pool
        : "%s (%s)".formatted(pool, settings.device().code());
  }

  /** The device of a pool that {@link #choose} returned. */
  Device device(String pool) {
    WorkerPool settings = pools.get(pool);
    if (settings == null) {
      throw new IllegalArgumentException("there is no pool '" + pool + "'");
    }
    return settings.device();
  }

  private String first(JobRequest.DeviceChoice device) {
    return pools.entrySet().stream()
        .filter(pool -> device.accepts(pool.getValue().device()))
        .min(Comparator.comparing(pool -> pool.getValue().slots() == 0))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  private String describe() {
    return String.join(
        ", ",
        pools.entrySet().stream()
            .map(pool -> pool.getKey() + " (" + pool.getValue().device().code() + ")")
            .toList());
  }
}
