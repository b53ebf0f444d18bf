package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.memory.MemoryUse;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The memory of the workers that run jobs: whether an attempt died for lack of it, and how many
 * attempts of a job did. Joins the caller's transaction.
 */
@Component
record JobMemory(JdbcClient jdbc, MemoryMeter meter) {
  /** Notes the kernel's count of kills when an attempt starts. */
  void start(String id) {
    MemoryUse now = meter.read();
    jdbc.sql(
            "update jobs set resident_bytes = null, memory_limit = null, memory_group = :group,"
                + " oom_kills = :kills where id = :id")
        .param("group", now.group())
        .param("kills", now.oomKills())
        .param("id", id)
        .update();
  }

  /** Stores the use of a worker that runs a job; false when the attempt no longer owns the job. */
  boolean record(Job running, MemoryUse use) {
    return jdbc.sql(
                "update jobs set resident_bytes = :resident, memory_limit = :limit" + JobRows.OWNED)
            .param("resident", use.resident())
            .param("limit", use.limit())
            .params(JobRows.owned(running.id(), running.attempt()))
            .update()
        == 1;
  }

  /**
   * Why memory is the likely cause of a worker's death: it was near its budget, or the kernel has
   * killed a process of the control group that this process shares with it. Empty for other causes.
   */
  Optional<String> causeOfDeath(Job dead) {
    MemoryUse now = meter.read();
    return jdbc.sql(
            "select coalesce(resident_bytes, 0) as resident_bytes,"
                + " coalesce(memory_limit, 0) as memory_limit,"
                + " coalesce(memory_group, '') as memory_group,"
                + " coalesce(oom_kills, 0) as oom_kills from jobs where id = :id")
        .param("id", dead.id())
        .query(
            (row, _) ->
                new MemoryUse(
                    row.getLong("resident_bytes"),
                    row.getLong("memory_limit"),
                    row.getString("memory_group"),
                    row.getLong("oom_kills")))
        .optional()
        .flatMap(last -> cause(last, now));
  }

  private static Optional<String> cause(MemoryUse last, MemoryUse now) {
    if (last.full()) {
      return Optional.of(
          "it used %d MB, its budget trainyard.memory is %d MB"
              .formatted(last.resident() >> 20, last.limit() >> 20));
    }
    return now.group().equals(last.group()) && now.oomKills() > last.oomKills()
        ? Optional.of(
            "the kernel ended it, its budget trainyard.memory is %d MB"
                .formatted(now.limit() >> 20))
        : Optional.empty();
  }

  /** Whether an earlier attempt at the job ended for lack of memory: one retry is allowed. */
  boolean hasFailed(String id) {
    return jdbc.sql("select coalesce(memory_failures, 0) from jobs where id = :id")
            .param("id", id)
            .query(Integer.class)
            .optional()
            .orElse(0)
        > 0;
  }

  void countFailure(String id) {
    jdbc.sql("update jobs set memory_failures = coalesce(memory_failures, 0) + 1 where id = :id")
        .param("id", id)
        .update();
  }
}
