package io.trainyard.settings;

import io.trainyard.error.StartRefusedException;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.memory.MemoryShares;
import io.trainyard.memory.MemoryShares.Part;
import io.trainyard.memory.MemoryShares.Processes;
import io.trainyard.memory.ProcessMemory;
import io.trainyard.start.Migration;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.logging.Log;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * Divides {@code trainyard.memory} into the settings of its parts, unless they are set. Parts that
 * together exceed a budget that was set stop the start: the budget is a promise to the machine's
 * other users. A default budget is a guess, so then a warning suffices.
 */
public final class MemorySettings implements EnvironmentPostProcessor, Ordered {
  static final String TOTAL = "trainyard.memory";
  private static final int DEFAULT_PERCENT = 80;

  /** The argument that only workers have. */
  private static final String SUPERVISOR = "trainyard.supervisor";

  private static final String JOB_MEMORY = "trainyard.jobs.memory";
  private static final String WORKER_HEAP = "trainyard.jobs.worker-heap";
  private static final String WORKER_MEMORY = "trainyard.jobs.worker-memory";
  private static final long LEAST_WORKER_HEAP = 128L << 20;
  private static final long MOST_WORKER_HEAP = 2L << 30;

  /** The JVM's own share of a machine. */
  private static final int HEAP_SHARE = 4;

  private static final Pattern HEAP_OPTION = Pattern.compile("-Xmx|-XX:MaxHeapSize|-XX:MaxRAM");

  /** Larger rows are kept in a mapped file, however much memory a job has. */
  private static final DataSize MOST_RESIDENT = DataSize.ofGigabytes(2);

  private final Log log;

  public MemorySettings(DeferredLogFactory logs) {
    this.log = logs.getLog(MemorySettings.class);
  }

  /** After the files of the configuration are read, and {@link BinaryUnits}. */
  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 2;
  }

  /** Whether this is a worker: its supervisor has divided the memory. */
  static boolean areDivided(ConfigurableEnvironment environment) {
    return environment.containsProperty(SUPERVISOR);
  }

  /** A part's setting, and how many tasks use that much at once. */
  private record Setting(Part part, String name, long tasks) {
    long least() {
      return MemoryShares.LEAST * tasks;
    }
  }

  @Override
  public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication app) {
    if (app.getAllSources().contains(Migration.class)) {
      return; // it computes nothing
    }
    Binder binder = Binder.get(environment);
    if (areDivided(environment)) {
      return;
    }
    Roles roles = binder.bindOrCreate("trainyard", Roles.class);
    boolean supervises =
        binder.bindOrCreate("trainyard.jobs", ProcessProperties.class).supervises(roles);
    long slots = slots(binder);
    // A process that leaves jobs to others only knows how large they may be.
    boolean jobsElsewhere = !roles.worker() && binder.bind(JOB_MEMORY, DataSize.class).isBound();
    Setting[] settings = {
      // Jobs in workers read rows beside the tasks of callers.
      new Setting(
          Part.DATASETS,
          "trainyard.datasets.memory",
          datasetTasks(binder) + (supervises ? slots : 0)),
      new Setting(Part.MODELS, "trainyard.predict.loaded-bytes", 1),
      new Setting(Part.PREDICTIONS, "trainyard.predict.memory", 1),
      new Setting(Part.JOBS, JOB_MEMORY, jobsElsewhere ? 0 : slots),
    };
    Map<Part, Long> set = new EnumMap<>(Part.class);
    for (Setting setting : settings) {
      DataSize size = binder.bind(setting.name(), DataSize.class).orElse(null);
      if (size != null) {
        set.put(setting.part(), size.toBytes() * setting.tasks());
      }
    }
    DataSize given = binder.bind(TOTAL, DataSize.class).orElse(null);
    long total = given == null ? ProcessMemory.granted() / 100 * DEFAULT_PERCENT : given.toBytes();
    long heap = given == null ? Runtime.getRuntime().maxMemory() : heap(total);
    ProcessProperties workers = binder.bindOrCreate("trainyard.jobs", ProcessProperties.class);
    long workerHeap =
        binder
            .bind(WORKER_HEAP, DataSize.class)
            .map(DataSize::toBytes)
            .orElse(Math.clamp(heap / 4, LEAST_WORKER_HEAP, MOST_WORKER_HEAP));
    int hosts = roles.api() ? MemoryShares.HOSTS : 0;
    Processes processes =
        supervises
            ? new Processes(heap, workers.workers(), workerHeap, hosts)
            : new Processes(heap, 0, 0, hosts);
    checkMachine(processes, ProcessMemory.granted());
    for (Setting setting : settings) {
      // A part that would get less than its least is set to that; the others then get less.
      if (MemoryShares.of(total, processes, set).of(setting.part()) < setting.least()) {
        set.putIfAbsent(setting.part(), setting.least());
      }
    }
    MemoryShares shares = MemoryShares.of(total, processes, set);
    check(shares, given != null);
    Map<String, Object> defaults = new HashMap<>();
    if (supervises) {
      defaults.put(WORKER_HEAP, bytes(workerHeap));
      defaults.put(WORKER_MEMORY, bytes(shares.ofOneWorker(slots)));
    }
    defaults.put(TOTAL, bytes(total));
    for (Setting setting : settings) {
      defaults.put(setting.name(), bytes(shares.of(setting.part()) / Math.max(1, setting.tasks())));
    }
    long resident = Math.max(MemoryShares.LEAST, shares.of(Part.JOBS) / slots / 2);
    defaults.put(
        "trainyard.train.resident-limit", bytes(Math.min(resident, MOST_RESIDENT.toBytes())));
    environment.getPropertySources().addLast(new MapPropertySource("memoryShares", defaults));
  }

  /**
   * The largest heap. One that nobody chose is the JVM's guess, a quarter of the machine: it stops
   * no start, but is counted as a quarter of the budget and warned of.
   */
  private long heap(long total) {
    long heap = Runtime.getRuntime().maxMemory();
    long fair = total / HEAP_SHARE;
    boolean chosen =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .anyMatch(argument -> HEAP_OPTION.matcher(argument).lookingAt());
    if (chosen || heap <= fair) {
      return heap;
    }
    log.warn(
        "The Java heap may grow to %d MB, more than %s allows it: start with -Xmx%dm"
            .formatted(heap >> 20, TOTAL, fair >> 20));
    return fair;
  }

  /** The kernel would end the processes, without a word of theirs. */
  static void checkMachine(Processes processes, long granted) {
    if (granted < processes.least()) {
      throw new StartRefusedException(
          ("These processes need at least %d MB of memory, and the machine or its container has"
                  + " %d MB. Raise its limit, or leave parts to other machines: --trainyard.roles")
              .formatted(processes.least() >> 20, granted >> 20));
    }
  }

  private void check(MemoryShares shares, boolean promised) {
    if (!shares.exceeded()) {
      log.debug("Memory: " + shares.text());
      return;
    }
    String detail =
        ("The parts of the process may use more memory than %s: %s. Lower a part or the heap"
                + " (-Xmx), or raise %s")
            .formatted(TOTAL, shares.text(), TOTAL);
    if (promised) {
      throw new StartRefusedException(detail);
    }
    log.warn(detail);
  }

  /** Jobs that this process runs at once, over all pools. */
  private static long slots(Binder binder) {
    Map<String, WorkerPool> pools =
        binder
            .bind("trainyard.jobs.pools", Bindable.mapOf(String.class, WorkerPool.class))
            .orElse(Map.of());
    return Math.max(1, pools.values().stream().mapToLong(WorkerPool::slots).sum());
  }

  /** Tasks on rows at once; 0 in the settings means one per core, at least 2. */
  private static long datasetTasks(Binder binder) {
    int configured = binder.bind("trainyard.datasets.concurrency", Integer.class).orElse(0);
    return configured == 0
        ? Math.max(2, Runtime.getRuntime().availableProcessors())
        : Math.max(1, configured);
  }

  private static String bytes(long bytes) {
    return bytes + "B";
  }
}
