package io.trainyard.job.supervise;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.error.StartRefusedException;
import io.trainyard.job.process.DeadWorkers;
import io.trainyard.job.process.Message;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.WorkerDeath;
import io.trainyard.job.process.WorkerProcess;
import io.trainyard.job.process.Workers;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.process.ProcessDeath;
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
    Gauge.builder("trainyard.workers", workers::count)
        .description("Worker processes of this process that take jobs")
        .register(meters);
    Gauge.builder("trainyard.workers.memory", () -> sum(resident))
        .description("Resident memory of these worker processes")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    // All are there from the start, so that a rate shows the first death.
    ProcessDeath.KINDS.forEach(this::deaths);
  }

  private Counter deaths(String cause) {
    return Counter.builder("trainyard.workers.deaths")
        .description("Worker processes that died")
        .tag("cause", cause)
        .register(meters);
  }

  private static long sum(Map<Integer, Long> bytes) {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Refuses the start of this process where no worker could connect. */
  void check() {
    try {
      WorkerProcess.check(site);
    } catch (IOException e) {
      throw new StartRefusedException(
          "No socket can be opened in " + site.sockets() + ": " + e.getMessage(), e);
    }
  }

  /** Starts a process for a worker and serves it until it has ended. */
  void live(SupervisedWorker worker) throws InterruptedException {
    long begin = System.nanoTime();
    Map<String, String> own;
    WorkerProcess.Starting starting;
    try {
      own = settings.of(worker.number());
      starting = WorkerProcess.start(site, properties.workerHeap(), memory);
    } catch (IOException | RuntimeException e) {
      log.error("A worker process cannot be started; it is tried again", e);
      return;
    }
    WorkerProcess process = starting.worker();
    worker.is(process);
    try {
      starting.serve(
          new Message.Welcome(process.name(), properties.workerNice(), own),
          message -> hear(worker, process, message, begin));
    } catch (IOException | RuntimeException e) {
      log.debug("The connection of worker {} has ended", process.name(), e);
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
      case Message.Occupied(String pool, int slots) -> process.occupies(pool, slots);
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
    if (death.process().isAskedFor() && worker.awaitStopping(SIGNALS_TO_ALL)) {
      return;
    }
    log.error(
        "Worker {} died: {}; its jobs are requeued and a new one starts",
        process.name(),
        death.process().cause());
    deaths(death.process().kind()).increment();
    deadWorkers.reclaim(process.name(), death);
  }
}
