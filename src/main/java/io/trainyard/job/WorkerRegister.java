package io.trainyard.job;

import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.memory.MemoryUse;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The processes of an installation that take jobs now. */
public interface WorkerRegister {
  /**
   * A process that takes jobs.
   *
   * @param name as in the jobs that it runs
   * @param pools those that it serves, by name
   * @param busy how many jobs of each pool it runs
   * @param jobs the ids of those that the caller may see
   * @param resident bytes in memory
   * @param budget the bytes that it may use
   * @param devices the use of the devices of its pools, where their memory is not the host's
   * @param seenAt when it last said that it lives
   */
  record LivingWorker(
      String name,
      Map<String, WorkerPool> pools,
      Map<String, Integer> busy,
      List<String> jobs,
      long resident,
      long budget,
      List<DeviceMemory.Use> devices,
      Instant startedAt,
      Instant seenAt) {}

  /** Says that a process lives. */
  void renew(
      String name,
      Map<String, WorkerPool> pools,
      MemoryUse use,
      List<DeviceMemory.Use> devices,
      Instant startedAt);

  /** Forgets a process that has ended. */
  void remove(String name);

  /** The processes that live, the one that started last first. */
  List<LivingWorker> living();
}
