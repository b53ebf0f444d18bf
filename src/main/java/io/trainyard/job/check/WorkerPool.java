package io.trainyard.job.check;

import io.trainyard.error.SettingRange;
import io.trainyard.tensor.Device;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of a worker pool: workers that run the same jobs.
 *
 * @param slots the jobs that this process runs at once; 0: it leaves the pool to other processes
 * @param threads the threads of one job; 0: the process's cores divided by its slots
 */
public record WorkerPool(
    @DefaultValue("1") int slots,
    @DefaultValue("0") int threads,
    @DefaultValue("cpu") Device device) {
  private static final int MAX = 1024;

  public WorkerPool {
    SettingRange.require("trainyard.jobs.pools.slots", slots, 0, MAX);
    SettingRange.require("trainyard.jobs.pools.threads", threads, 0, MAX);
  }
}
