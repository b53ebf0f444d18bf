package io.trainyard.store.access;

import io.trainyard.access.StoredUsage;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts rows by their column {@code owner}. */
@Component
public final class JdbcStoredUsage implements StoredUsage {
  private final JdbcClient jdbc;

  public JdbcStoredUsage(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Override
  public long bytes(String owner) {
    return count(
            "select coalesce(sum(stored_bytes), 0) from dataset_versions where owner = :owner",
            owner)
        + count(
            "select coalesce(sum(weights_bytes), 0) from model_versions where owner = :owner",
            owner);
  }

  @Override
  public long unfinishedJobs(String owner) {
    return count(
        "select count(*) from jobs where owner = :owner and finished_at is null and trial is null",
        owner);
  }

  private long count(String sql, String owner) {
    return jdbc.sql(sql).param("owner", owner).query(Long.class).single();
  }
}
