package io.trainyard.job.supervise;

import io.trainyard.engine.EngineProperties;
import io.trainyard.job.JobProperties;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.WorkerDatabase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The settings of workers, where they differ from those of their supervisor. */
@Component
final class WorkerSettings {
  /** The parts of the memory budget, which the supervisor has divided. */
  private static final List<String> MEMORY =
      List.of(
          "trainyard.jobs.memory",
          "trainyard.datasets.memory",
          "trainyard.predict.memory",
          "trainyard.predict.loaded-bytes",
          "trainyard.train.resident-limit");

  /** Each job stores its progress; the scheduler polls, and sends heartbeats. */
  private static final int CONNECTIONS_BESIDE_JOBS = 4;

  private final Environment environment;
  private final JobProperties jobs;
  private final ProcessProperties processes;
  private final EngineProperties engine;
  private final WorkerDatabase database;
  private final boolean trains;

  WorkerSettings(
      Environment environment,
      JobProperties jobs,
      ProcessProperties processes,
      EngineProperties engine,
      WorkerDatabase database,
      Roles roles) {
    this.environment = environment;
    this.jobs = jobs;
    this.processes = processes;
    this.engine = engine;
    this.database = database;
    this.trains = roles.worker();
  }

  /**
   * The settings of a worker.
   *
   * @param worker its number, from 0
   */
  Map<String, String> of(int worker) {
    Map<String, String> settings = new HashMap<>();
    settings.put("trainyard.roles", "worker");
    settings.put("spring.main.web-application-type", "none");
    settings.put("spring.main.lazy-initialization", "true");
    settings.put("spring.main.log-startup-info", "false");
    settings.put("spring.flyway.enabled", "false");
    // It has the arguments and variables of this process, but not what was set in its code.
    settings.put("trainyard.data-dir", environment.getRequiredProperty("trainyard.data-dir"));
    settings.put("trainyard.memory", processes.workerMemory().toBytes() + "B");
    for (String part : MEMORY) {
      settings.put(part, environment.getRequiredProperty(part));
    }
    int slots = 0;
    for (Map.Entry<String, WorkerPool> pool : jobs.pools().entrySet()) {
      int share = trains ? share(pool.getValue().slots(), worker) : 0;
      slots += share;
      String name = "trainyard.jobs.pools." + pool.getKey();
      settings.put(name + ".slots", Integer.toString(share));
      settings.put(name + ".threads", Integer.toString(threads(pool.getValue())));
      settings.put(name + ".device", pool.getValue().device().code());
    }
    int connections = slots + CONNECTIONS_BESIDE_JOBS;
    settings.put("spring.datasource.hikari.maximum-pool-size", Integer.toString(connections));
    settings.putAll(database.settings());
    return settings;
  }

  /** The slots of one worker; the first ones get one more when they cannot be divided evenly. */
  private int share(int slots, int worker) {
    int workers = processes.workers();
    return slots / workers + (worker < slots % workers ? 1 : 0);
  }

  /** The threads of a job, as if one process had all slots. */
  private int threads(WorkerPool pool) {
    return pool.threads() > 0
        ? pool.threads()
        : Math.max(1, engine.coreCount() / Math.max(1, pool.slots()));
  }
}
