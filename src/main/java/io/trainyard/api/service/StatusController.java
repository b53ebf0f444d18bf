package io.trainyard.api.service;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.access.Identity;
import io.trainyard.api.Page;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.FailureClassifier;
import io.trainyard.job.JobCounts;
import io.trainyard.job.WorkerRegister;
import io.trainyard.job.WorkerRegister.LivingWorker;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.Predictor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the service is, and which processes take jobs. */
@RestController
record StatusController(
    ServiceStatus status,
    WorkerRegister workers,
    JobCounts jobs,
    Predictor predictor,
    List<FailureClassifier> failures) {
  /** The state of the service, also while the database is away. */
  @GetMapping("/v1/status")
  Status read() {
    var memory = status.memory();
    List<LivingWorker> living = living();
    return new Status(
        status.version(),
        living == null ? null : slots(living),
        living == null ? null : devices(living),
        new Memory(memory.resident(), memory.limit()),
        status.disk(),
        status.outages(),
        loadedModels());
  }

  /** The processes that take jobs; null while the database is away. */
  private @Nullable List<LivingWorker> living() {
    return orNullInOutage(workers::living);
  }

  /** The slots of all living workers by pool; null while the database is away. */
  private @Nullable List<Slots> slots(List<LivingWorker> living) {
    Map<String, Long> queued = orNullInOutage(jobs::queued);
    if (queued == null) {
      return null;
    }
    var pools = new TreeSet<>(queued.keySet());
    living.forEach(worker -> pools.addAll(worker.pools().keySet()));
    return pools.stream()
        .map(
            pool ->
                new Slots(
                    pool,
                    sum(living, worker -> slots(worker, pool)),
                    sum(living, worker -> worker.busy().getOrDefault(pool, 0)),
                    queued.getOrDefault(pool, 0L)))
        .toList();
  }

  private <T> @Nullable T orNullInOutage(Supplier<T> read) {
    try {
      return read.get();
    } catch (RuntimeException e) {
      if (isOutage(e)) {
        return null;
      }
      throw e;
    }
  }

  private static List<WorkerDevice> devices(List<LivingWorker> living) {
    return living.stream()
        .flatMap(
            worker ->
                worker.devices().stream()
                    .map(
                        use ->
                            new WorkerDevice(
                                worker.name(),
                                use.device().code(),
                                use.used(),
                                use.total(),
                                use.utilization())))
        .toList();
  }

  private static int sum(List<LivingWorker> living, ToIntFunction<LivingWorker> count) {
    return living.stream().mapToInt(count).sum();
  }

  private static int slots(LivingWorker worker, String pool) {
    WorkerPool settings = worker.pools().get(pool);
    return settings == null ? 0 : settings.slots();
  }

  private boolean isOutage(RuntimeException failure) {
    return failures.stream()
        .flatMap(classifier -> classifier.classify(failure).stream())
        .anyMatch(known -> known.code() == ErrorCode.UNAVAILABLE);
  }

  private List<Loaded> loadedModels() {
    Identity caller = Identity.current();
    List<Loaded> loaded = new ArrayList<>();
    for (LoadedModel model : predictor.loaded()) {
      ModelVersion version = model.version();
      if (caller.permitsModel(version.model())) {
        loaded.add(new Loaded(version.model(), version.version(), version.weights().bytes()));
      }
    }
    loaded.sort(Comparator.comparing(Loaded::model).thenComparingInt(Loaded::version));
    return loaded;
  }

  /** The processes that take jobs, the one that started last first. */
  @GetMapping("/v1/workers")
  WorkerList workers(Page page) {
    List<LivingWorker> living = workers.living();
    long after = page.offset();
    Page.Slice<LivingWorker> slice =
        page.slice(
            living.stream().skip(after).limit(page.limit()).toList(),
            _ -> String.valueOf(after + page.size()));
    return new WorkerList(slice.map(WorkerView::of), slice.nextPageToken());
  }

  /**
   * The state of the service.
   *
   * @param slots by pool; null while the database is away
   * @param devices of all living workers; null as well
   */
  record Status(
      String version,
      @Nullable List<Slots> slots,
      @Nullable List<WorkerDevice> devices,
      Memory memory,
      ServiceStatus.Disk disk,
      List<ServiceStatus.Outage> outages,
      List<Loaded> loadedModels) {}

  /** The slots of a pool, of all living workers, and the jobs that wait for one. */
  record Slots(String pool, int slots, int busy, long queued) {}

  /** The device that a worker trains on, as in {@link DeviceView}. */
  record WorkerDevice(
      String worker,
      String device,
      long used,
      long total,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer utilization) {}

  /**
   * The memory of a device, in bytes, as all its processes use it, and how busy they keep it, in
   * per cent.
   */
  record DeviceView(
      String device,
      long used,
      long total,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer utilization) {}

  /** The memory of this process, and what it and its workers may use, in bytes. */
  record Memory(long resident, long budget) {}

  /** A version in the memory of this process. */
  record Loaded(String model, int version, long bytes) {}

  record WorkerList(List<WorkerView> workers, String nextPageToken) {}

  /** A process that takes jobs. */
  record WorkerView(
      String name,
      List<PoolView> pools,
      List<String> jobs,
      Memory memory,
      List<DeviceView> devices,
      Instant startedAt,
      Instant seenAt) {
    static WorkerView of(LivingWorker worker) {
      return new WorkerView(
          worker.name(),
          worker.pools().entrySet().stream()
              .map(
                  pool ->
                      new PoolView(
                          pool.getKey(),
                          pool.getValue().device().code(),
                          pool.getValue().slots(),
                          worker.busy().getOrDefault(pool.getKey(), 0)))
              .toList(),
          worker.jobs(),
          new Memory(worker.resident(), worker.budget()),
          worker.devices().stream()
              .map(
                  use ->
                      new DeviceView(
                          use.device().code(), use.used(), use.total(), use.utilization()))
              .toList(),
          worker.startedAt(),
          worker.seenAt());
    }
  }

  /** What a process takes of a pool. */
  record PoolView(String name, String device, int slots, int busy) {}
}
