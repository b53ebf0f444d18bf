package io.trainyard.job;

import io.trainyard.access.Names;
import io.trainyard.error.SettingRange;
import io.trainyard.job.check.WorkerPool;
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
 * Settings of the job queue. All processes of an installation share them, except a pool's slots.
 *
 * @param pools worker pools sorted by name; by default one pool, {@code cpu}
 * @param queueCapacity the most jobs that wait in one pool
 * @param heartbeat the time between two heartbeats of a worker
 * @param missedHeartbeats the number of missed heartbeats after which a worker counts as dead
 * @param poll the time between two queries for jobs that other processes submitted
 * @param shutdownWait the time that running jobs get to suspend
 * @param crashLimit a job fails after more than this many crashes
 * @param retryPause the pause after an attempt that met a temporary fault, like a full disk
 * @param deviceWait how long a job waits for memory of its device that others hold; then it fails
 * @param suspectWait how long a job that has to run alone waits for others; then they suspend
 * @param checkpointEvery the least time between two checkpoints of a job, and before its first
 * @param retention the time that finished jobs are kept
 * @param keptCheckpoints the most bytes of the last checkpoints of jobs that have succeeded, from
 *     which other jobs may go on; at most 1000 are kept, and with 0 none
 * @param memory the most memory of one job; by default a share of {@code trainyard.memory}
 * @param maxStepMultiplyAdds the most multiply-adds of a training step in a pool of CPUs; 0: any
 */
@ConfigurationProperties("trainyard.jobs")
public record JobProperties(
    @Nullable Map<String, WorkerPool> pools,
    @DefaultValue("20000") int queueCapacity,
    @DefaultValue("5s") Duration heartbeat,
    @DefaultValue("12") int missedHeartbeats,
    @DefaultValue("1s") Duration poll,
    @DefaultValue("20s") Duration shutdownWait,
    @DefaultValue("3") int crashLimit,
    @DefaultValue("30s") Duration retryPause,
    @DefaultValue("24h") Duration deviceWait,
    @DefaultValue("10m") Duration suspectWait,
    @DefaultValue("5s") Duration checkpointEvery,
    @DefaultValue("90d") Duration retention,
    @DefaultValue("1GB") DataSize keptCheckpoints,
    DataSize memory,
    @DefaultValue("10000000000000") long maxStepMultiplyAdds) {
  public JobProperties {
    pools =
        pools == null || pools.isEmpty()
            ? Map.of("cpu", new WorkerPool(1, 0, Device.CPU))
            : Collections.unmodifiableMap(new TreeMap<>(pools));
    for (String pool : pools.keySet()) {
      if (!Names.isName(pool)) {
        throw new IllegalArgumentException(
            "trainyard.jobs.pools: a name matches " + Names.FORM + ", was '" + pool + "'");
      }
    }
    SettingRange.require("trainyard.jobs.queue-capacity", queueCapacity, 1, 10_000_000);
    SettingRange.require(
        "trainyard.jobs.max-step-multiply-adds", maxStepMultiplyAdds, 0, Long.MAX_VALUE);
    SettingRange.require("trainyard.jobs.missed-heartbeats", missedHeartbeats, 4, 1000);
    SettingRange.require("trainyard.jobs.crash-limit", crashLimit, 0, 1000);
    SettingRange.require("trainyard.jobs.heartbeat", heartbeat.toMillis(), 100, 600_000);
    SettingRange.require("trainyard.jobs.poll", poll.toMillis(), 10, 60_000);
    SettingRange.require("trainyard.jobs.retry-pause", retryPause.toMillis(), 0, 86_400_000);
    SettingRange.require("trainyard.jobs.device-wait", deviceWait.toSeconds(), 0, 366L * 86_400);
    SettingRange.require("trainyard.jobs.suspect-wait", suspectWait.toMillis(), 0, 86_400_000);
    SettingRange.require(
        "trainyard.jobs.checkpoint-every", checkpointEvery.toMillis(), 0, 86_400_000);
    SettingRange.require("trainyard.jobs.shutdown-wait", shutdownWait.toMillis(), 0, 600_000);
    SettingRange.require(
        "trainyard.jobs.kept-checkpoints", keptCheckpoints.toBytes(), 0, Long.MAX_VALUE);
    SettingRange.require(
        "trainyard.jobs.retention", retention.toSeconds(), 60, 100L * 365 * 86_400);
  }

  /** At least one pool, sorted by name. */
  @Override
  public Map<String, WorkerPool> pools() {
    return pools == null ? Map.of() : pools;
  }
}
