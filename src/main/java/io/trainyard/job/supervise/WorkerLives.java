package io.trainyard.job.supervise;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.job.process.DeadWorkers;
import io.trainyard.job.process.Message;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.WorkerDeath;
import io.trainyard.job.process.WorkerProcess;
import io.trainyard.job.process.Workers;
import io.trainyard.memory.MemoryMeter;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Takes the processes of workers from their start to their end. */
@Component
final class WorkerLives {
  private static final Logger log = LoggerFactory.getLogger(WorkerLives.class);

  /** How long a process may take to end after its connection did; it may write a crash file. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  /** A terminal or a service manager may signal a worker a moment before its supervisor. */
  private static final Duration SIGNALS_TO_ALL = Duration.ofSeconds(2);

  private static final Duration DATABASE_PAUSE = Duration.ofSeconds(1);

  private final WorkerProcess.Site site;
  private final ProcessProperties properties;
  private final WorkerSettings settings;
  private final WorkerRequests requests;
  private final Workers workers;
  private final DeadWorkers deadWorkers;
  private final MeterRegistry meters;
  private final MemoryMeter memory;
  private final Map<Integer, Long> resident = new ConcurrentHashMap<>();

  WorkerLives(
      WorkerProcess.Site site,
      ProcessProperties properties,
      WorkerSettings settings,
      WorkerRequests requests,
      Workers workers,
      DeadWorkers deadWorkers,
      MeterRegistry meters,
      MemoryMeter memory) {
    this.site = site;
    this.properties = properties;
    this.settings = settings;
    this.requests = requests;
    this.workers = workers;
    this.deadWorkers = deadWorkers;
    this.meters = meters;
    this.memory = memory;
    Gauge.builder("trainyard.workers", workers, Workers::count)
        .description("Worker processes of this process that take jobs")
        .register(meters);
    Gauge.builder("trainyard.workers.memory", () -> sum(resident))
        .description("Resident memory of these worker processes")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
  }

  private static long sum(Map<Integer, Long> bytes) {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Starts a process for a worker and serves it until it has ended. */
  void live(SupervisedWorker worker) throws InterruptedException {
    long begin = System.nanoTime();
    WorkerProcess.Starting starting;
    try {
      starting = WorkerProcess.start(site, properties.workerHeap(), memory);
    } catch (IOException e) {
      log.error("A worker process cannot be started; it is tried again: {}", e.toString());
      return;
    }
    WorkerProcess process = starting.worker();
    worker.is(process);
    try {
      starting.serve(
          new Message.Welcome(
              process.name(), properties.workerNice(), settings.of(worker.number())),
          message -> hear(worker, process, message, begin));
    } catch (IOException | RuntimeException e) {
      log.debug("Worker {} is not connected: {}", process.name(), e.toString());
    }
    end(worker, process);
  }

  private void hear(SupervisedWorker worker, WorkerProcess process, Message message, long begin) {
    switch (message) {
      case Message.Ready _ -> {
        worker.becomesReady();
        workers.add(process);
        log.info(
            "Worker {} takes jobs, {} s after its start",
            process.name(),
            "%.1f".formatted((System.nanoTime() - begin) / 1e9));
      }
      case Message.Heartbeat(long bytes) -> resident.put(worker.number(), bytes);
      default -> requests.handle(process, message);
    }
  }

  private void end(SupervisedWorker worker, WorkerProcess process) throws InterruptedException {
    workers.remove(process);
    if (!process.awaitEnd(LAST_WORDS)) {
      process.kill();
    }
    WorkerDeath death = process.death();
    worker.is(null);
    resident.remove(worker.number());
    requests.releaseAll(process);
    if (death.isAskedFor() && worker.awaitStopping(SIGNALS_TO_ALL)) {
      return;
    }
    log.error(
        "Worker {} died: {}; its jobs are requeued and a new one starts",
        process.name(),
        death.cause());
    Counter.builder("trainyard.workers.deaths")
        .description("Worker processes that died")
        .tag("cause", death.kind())
        .register(meters)
        .increment();
    reclaim(worker, process.name(), death);
  }

  /**
   * The database may be down: the jobs wait, and the next worker starts afterwards. When this
   * process ends first, the next start reclaims them.
   */
  private void reclaim(SupervisedWorker worker, String name, WorkerDeath death)
      throws InterruptedException {
    do {
      try {
        deadWorkers.reclaim(name, death);
        return;
      } catch (RuntimeException e) {
        log.debug("The jobs of {} are reclaimed later: {}", name, e.toString());
      }
    } while (!worker.awaitStopping(DATABASE_PAUSE));
  }

  /** Logs that a process says nothing and is killed. */
  void silent(WorkerProcess process) {
    log.error(
        "Worker {} has said nothing for {} s and is killed",
        process.name(),
        process.silence().toSeconds());
  }
}
