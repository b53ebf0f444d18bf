package io.trainyard.job;

import io.trainyard.engine.Engine;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.os.NvidiaSmi;
import io.trainyard.os.PeriodicTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says in the register of workers that this process lives, while it takes jobs. */
@Component
public final class WorkerBeats {
  private static final Logger log = LoggerFactory.getLogger(WorkerBeats.class);

  private final WorkerRegister register;
  private final Worker worker;
  private final Outages outages;
  private final MemoryMeter memory;
  private final Engine engine;
  private final NvidiaSmi gpus;
  private final Duration pause;
  private final Map<String, WorkerPool> pools = new TreeMap<>();
  private final Clock clock;
  private @Nullable ScheduledExecutorService beats;

  WorkerBeats(
      WorkerRegister register,
      Worker worker,
      Outages outages,
      MemoryMeter memory,
      Engine engine,
      NvidiaSmi gpus,
      JobProperties properties,
      Clock clock) {
    this.register = register;
    this.worker = worker;
    this.outages = outages;
    this.memory = memory;
    this.engine = engine;
    this.gpus = gpus;
    this.pause = properties.heartbeat();
    this.clock = clock;
    properties
        .pools()
        .forEach(
            (name, pool) -> {
              if (pool.slots() > 0) {
                pools.put(name, pool);
              }
            });
  }

  /** Puts this process into the register, before it takes a job, and keeps it there. */
  public synchronized void start() {
    Instant startedAt = clock.instant().truncatedTo(ChronoUnit.MICROS);
    ScheduledExecutorService started = PeriodicTask.thread("worker-beats");
    beats = started;
    renew(startedAt);
    PeriodicTask.start(started, "register of workers", pause, pause, () -> renew(startedAt));
  }

  private void renew(Instant startedAt) {
    try {
      register.renew(worker.name(), pools, memory.read(), devices(), startedAt);
    } catch (RuntimeException e) {
      if (!outages.isOutage(e)) {
        throw e;
      }
      log.debug("The register of workers is away: {}", e.toString());
    }
  }

  private List<DeviceMemory.Use> devices() {
    return pools.values().stream()
        .map(WorkerPool::device)
        .distinct()
        .flatMap(device -> engine.memory(device).stream())
        .map(use -> use.with(gpus.utilization()))
        .toList();
  }

  /** Takes this process out of the register. */
  public synchronized void stop() {
    if (beats == null) {
      return;
    }
    beats.shutdownNow();
    beats = null;
    try {
      register.remove(worker.name());
    } catch (RuntimeException e) {
      log.debug("The register of workers is away: {}", e.toString());
    }
  }
}
