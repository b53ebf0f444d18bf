package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.job.JobProperties;
import io.trainyard.job.JobState;
import io.trainyard.job.WorkerRegister;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import io.trainyard.tensor.Device;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The processes that take jobs, in the table {@code workers}. */
@Component
final class JdbcWorkerRegister implements WorkerRegister {
  /** The rows of processes that died are kept for this many limits. */
  private static final int KEPT = 10;

  private final JdbcClient jdbc;
  private final Duration silence;
  private final Clock clock;

  JdbcWorkerRegister(JdbcClient jdbc, JobProperties properties, Clock clock) {
    this.jdbc = jdbc;
    this.silence = properties.heartbeat().multipliedBy(properties.missedHeartbeats());
    this.clock = clock;
  }

  @Override
  public void renew(
      String name,
      Map<String, WorkerPool> pools,
      MemoryUse use,
      List<DeviceMemory.Use> devices,
      Instant startedAt) {
    Instant now = clock.instant();
    Map<String, Object> values =
        Map.of(
            "name", name,
            "pools", text(pools, devices),
            "resident", use.resident(),
            "limit", use.limit(),
            "started", Timestamps.time(startedAt),
            "now", Timestamps.time(now));
    int updated =
        jdbc.sql(
                "update workers set pools = :pools, resident_bytes = :resident, memory_limit = :limit,"
                    + " started_at = :started, seen_at = :now where name = :name")
            .params(values)
            .update();
    if (updated == 0) {
      jdbc.sql(
              "insert into workers (name, pools, resident_bytes, memory_limit, started_at, seen_at)"
                  + " values (:name, :pools, :resident, :limit, :started, :now)")
          .params(values)
          .update();
    }
    jdbc.sql("delete from workers where seen_at < :dead")
        .param("dead", Timestamps.time(now.minus(silence.multipliedBy(KEPT))))
        .update();
  }

  private static String text(Map<String, WorkerPool> pools, List<DeviceMemory.Use> devices) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    pools.forEach(
        (name, pool) -> {
          ObjectNode written =
              json.putObject(name)
                  .put("slots", pool.slots())
                  .put("threads", pool.threads())
                  .put("device", pool.device().code());
          devices.stream()
              .filter(use -> use.device() == pool.device())
              .forEach(
                  use -> {
                    written.put("used", use.used()).put("total", use.total());
                    if (use.utilization() != null) {
                      written.put("utilization", use.utilization());
                    }
                  });
        });
    return json.toString();
  }

  private static List<DeviceMemory.Use> devices(String text) {
    Map<Device, DeviceMemory.Use> devices = new TreeMap<>();
    for (JsonNode pool : Json.readObject(text).values()) {
      if (pool.has("total")) {
        Device device = Device.of(pool.path("device").stringValue());
        devices.put(
            device,
            new DeviceMemory.Use(
                device,
                pool.path("used").asLong(0),
                pool.path("total").asLong(0),
                pool.has("utilization") ? (Integer) pool.path("utilization").asInt(0) : null));
      }
    }
    return List.copyOf(devices.values());
  }

  private static Map<String, WorkerPool> pools(String text) {
    Map<String, WorkerPool> pools = new TreeMap<>();
    Json.readObject(text)
        .properties()
        .forEach(
            pool ->
                pools.put(
                    pool.getKey(),
                    new WorkerPool(
                        pool.getValue().path("slots").asInt(0),
                        pool.getValue().path("threads").asInt(0),
                        Device.of(pool.getValue().path("device").stringValue()))));
    return pools;
  }

  @Override
  public void remove(String name) {
    var _ = jdbc.sql("delete from workers where name = :name").param("name", name).update();
  }

  /** Forgets all: nobody else uses the database. */
  void clear() {
    var _ = jdbc.sql("delete from workers").update();
  }

  /** A row of the table. */
  private record Row(
      String name,
      Map<String, WorkerPool> pools,
      long resident,
      long budget,
      List<DeviceMemory.Use> devices,
      Instant startedAt,
      Instant seenAt) {
    static Row read(ResultSet row) throws SQLException {
      return new Row(
          row.getString("name"),
          JdbcWorkerRegister.pools(row.getString("pools")),
          row.getLong("resident_bytes"),
          row.getLong("memory_limit"),
          JdbcWorkerRegister.devices(row.getString("pools")),
          Timestamps.instant(row, "started_at"),
          Timestamps.instant(row, "seen_at"));
    }
  }

  private List<Row> rows() {
    return jdbc.sql("select * from workers where seen_at > :dead")
        .param("dead", Timestamps.time(clock.instant().minus(silence)))
        .query(ReadableRows.list(Row::read));
  }

  @Override
  public List<LivingWorker> living() {
    List<Row> rows = rows();
    Map<String, Map<String, Integer>> busy = new HashMap<>();
    jdbc.sql(
            "select worker, pool, count(*) as jobs from jobs"
                + " where state = :running and trial is null group by worker, pool")
        .param("running", JobState.Name.RUNNING.word())
        .query(
            row -> {
              busy.computeIfAbsent(row.getString("worker"), _ -> new TreeMap<>())
                  .put(row.getString("pool"), row.getInt("jobs"));
            });
    Map<String, List<String>> jobs = jobs(rows.stream().map(Row::name).toList());
    return rows.stream()
        .map(
            row ->
                new LivingWorker(
                    row.name(),
                    row.pools(),
                    busy.getOrDefault(row.name(), Map.of()),
                    jobs.getOrDefault(row.name(), List.of()),
                    row.resident(),
                    row.budget(),
                    row.devices(),
                    row.startedAt(),
                    row.seenAt()))
        .sorted(
            Comparator.comparing(LivingWorker::startedAt)
                .reversed()
                .thenComparing(LivingWorker::name))
        .toList();
  }

  /** The jobs that workers run and the caller may see; the trainings of a sweep share its slot. */
  private Map<String, List<String>> jobs(Collection<String> workers) {
    Identity caller = Identity.current();
    Map<String, List<String>> jobs = new HashMap<>();
    if (!workers.isEmpty()) {
      jdbc
          .sql(
              "select "
                  + JobRows.COLUMNS
                  + " from jobs where state = :running and trial is null and worker in (:workers)"
                  + " order by state, id desc")
          .param("running", JobState.Name.RUNNING.word())
          .param("workers", workers)
          .query(JobRows::read)
          .list()
          .stream()
          .filter(job -> job.isVisibleTo(caller) && job.lastRun() != null)
          .forEach(
              job ->
                  jobs.computeIfAbsent(
                          job.lastRun() == null ? "" : job.lastRun().worker(),
                          _ -> new ArrayList<>())
                      .add(job.id()));
    }
    return jobs;
  }
}
