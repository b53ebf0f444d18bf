package io.trainyard.job;

import io.trainyard.tensor.Device;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the job queue; the same on every process of one installation, but for a pool's slots.
 *
 * @param pools worker pools in the order of their names; without any there is one, {@code cpu}
 * @param queueCapacity jobs that may wait in one pool
 * @param heartbeat how often a worker says that it lives
 * @param missedHeartbeats after so many a worker counts as dead
 * @param poll how often a worker looks for jobs of other processes
 * @param shutdownWait how long running jobs may take to hand over
 * @param crashLimit how often a job is tried again after its worker died
 * @param retryPause how long a job waits after an attempt that found, say, no room on disk
 * @param checkpointEvery the least time between two checkpoints of a job, and before its first
 * @param retention how long finished jobs are kept
 * @param memory what one job may take; null: half of the machine's memory
 */
@ConfigurationProperties("trainyard.jobs")
public record JobProperties(
    @Nullable Map<String, Pool> pools,
    @DefaultValue("20000") int queueCapacity,
    @DefaultValue("5s") Duration heartbeat,
    @DefaultValue("12") int missedHeartbeats,
    @DefaultValue("1s") Duration poll,
    @DefaultValue("20s") Duration shutdownWait,
    @DefaultValue("3") int crashLimit,
    @DefaultValue("30s") Duration retryPause,
    @DefaultValue("5s") Duration checkpointEvery,
    @DefaultValue("90d") Duration retention,
    @Nullable DataSize memory) {
  public JobProperties {
    pools =
        pools == null || pools.isEmpty()
            ? Map.of("cpu", new Pool(1, 0, Device.CPU))
            : Collections.unmodifiableMap(new TreeMap<>(pools));
    for (String pool : pools.keySet()) {
      if (!pool.matches("[a-z0-9][a-z0-9._-]{0,62}")) {
        throw new IllegalArgumentException(
            "trainyard.jobs.pools: a name matches [a-z0-9][a-z0-9._-]{0,62}, was '" + pool + "'");
      }
    }
    requireRange("queue-capacity", queueCapacity, 1, 10_000_000);
    requireRange("missed-heartbeats", missedHeartbeats, 4, 1000);
    requireRange("crash-limit", crashLimit, 0, 1000);
    requireRange("heartbeat", heartbeat.toMillis(), 100, 600_000);
    requireRange("poll", poll.toMillis(), 10, 60_000);
    requireRange("retry-pause", retryPause.toMillis(), 0, 86_400_000);
    requireRange("checkpoint-every", checkpointEvery.toMillis(), 0, 86_400_000);
    requireRange("shutdown-wait", shutdownWait.toMillis(), 0, 600_000);
    requireRange("retention", retention.toSeconds(), 60, 100L * 365 * 86_400);
  }

  private static void requireRange(String name, long number, long min, long max) {
    if (number < min || number > max) {
      throw new IllegalArgumentException(
          "trainyard.jobs." + name + " must be in " + min + ".." + max + ", was " + number);
    }
  }

  /** The pools, at least one, in the order of their names. */
  @Override
  public Map<String, Pool> pools() {
    return pools == null ? Map.of() : pools;
  }

  /**
   * Workers that take the same jobs.
   *
   * @param slots jobs this process runs at once; 0: it leaves the pool to others
   * @param threads for one job; 0: the process's cores shared among its slots
   */
  public record Pool(
      @DefaultValue("1") int slots,
      @DefaultValue("0") int threads,
      @DefaultValue("cpu") Device device) {
    public Pool {
      requireRange("pools.slots", slots, 0, 1024);
      requireRange("pools.threads", threads, 0, 1024);
    }
  }
}
