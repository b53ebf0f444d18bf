package io.trainyard.job.review;

import io.trainyard.error.Violations;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobProperties.Pool;
import io.trainyard.job.JobProperties.PoolDevice;
import io.trainyard.job.Task;
import java.util.Comparator;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Finds the pool a job waits in, and refuses what no pool could ever run. */
@Component
public final class PoolChooser {
  private final Map<String, Pool> pools;

  PoolChooser(JobProperties properties) {
    this.pools = properties.pools();
  }

  /**
   * The pool asked for, or the first by name whose workers have the device asked for; rather one
   * that this process serves, since it may be the only one.
   */
  public Task.Placement of(JobRequest request, Violations violations) {
    JobRequest.Resources resources = request.resources();
    String pool = resources.pool();
    if (pool.isEmpty()) {
      pool = first(resources.device());
      if (pool.isEmpty()) {
        violations.add(
            "/resources/device",
            "No worker pool has the device '"
                + resources.device().word()
                + "'; the pools are "
                + described());
      }
    } else if (!pools.containsKey(pool)) {
      violations.add(
          "/resources/pool", "There is no pool '" + pool + "'; the pools are " + described());
    } else if (!fits(resources.device(), pools.get(pool))) {
      violations.add(
          "/resources/device",
          "Pool '" + pool + "' does not have the device '" + resources.device().word() + "'");
    }
    return new Task.Placement(pool, request.priority());
  }

  private String first(JobRequest.Device device) {
    return pools.entrySet().stream()
        .filter(pool -> fits(device, pool.getValue()))
        .min(Comparator.comparing(pool -> pool.getValue().slots() == 0))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  private static boolean fits(JobRequest.Device device, Pool pool) {
    return switch (device) {
      case AUTO -> true;
      case CPU -> pool.device() == PoolDevice.CPU;
      case CUDA -> pool.device() == PoolDevice.CUDA;
    };
  }

  private String described() {
    return String.join(
        ", ",
        pools.entrySet().stream()
            .map(pool -> pool.getKey() + " (" + pool.getValue().device().word() + ")")
            .toList());
  }
}
