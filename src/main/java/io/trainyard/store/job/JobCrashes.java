package io.trainyard.store.job;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How often native code crashed the workers of a job, and whether it is suspected of it. Joins the
 * caller's transaction.
 */
@Component
record JobCrashes(JdbcClient jdbc) {
  /** Counts a crash that a job caused, and gives how many it has caused. */
  int count(String id) {
    jdbc.sql("update jobs set native_crashes = coalesce(native_crashes, 0) + 1 where id = :id")
        .param("id", id)
        .update();
    return jdbc.sql("select native_crashes from jobs where id = :id")
        .param("id", id)
        .query(Integer.class)
        .single();
  }

  /** Notes that a job may have caused a crash. */
  void suspect(String id) {
    jdbc.sql("update jobs set crash_suspect = true where id = :id").param("id", id).update();
  }

  boolean isSuspect(String id) {
    return jdbc.sql("select coalesce(crash_suspect, false) from jobs where id = :id")
        .param("id", id)
        .query(Boolean.class)
        .optional()
        .orElse(false);
  }
}
