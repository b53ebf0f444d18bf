package io.trainyard.job.review;

import io.trainyard.error.Violations;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobProperties.Pool;
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
                + resources.device().code()
                + "'; the pools are "
                + described());
      }
    } else if (!pools.containsKey(pool)) {
      violations.add(
          "/resources/pool", "There is no pool '" + pool + "'; the pools are " + described());
    } else if (!resources.device().accepts(pools.get(pool).device())) {
      violations.add(
          "/resources/device",
          "Pool '" + pool + "' does not have the device '" + resources.device().code() + "'");
    }
    return new Task.Placement(pool, request.priority());
  }

  private String first(JobRequest.DeviceChoice device) {
    return pools.entrySet().stream()
        .filter(pool -> device.accepts(pool.getValue().device()))
        .min(Comparator.comparing(pool -> pool.getValue().slots() == 0))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  private String described() {
    return String.join(
        ", ",
        pools.entrySet().stream()
            .map(pool -> pool.getKey() + " (" + pool.getValue().device().code() + ")")
            .toList());
  }
}
