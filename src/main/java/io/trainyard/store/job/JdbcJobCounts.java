package io.trainyard.store.job;

import io.trainyard.job.JobCounts;
import io.trainyard.job.JobState;
import io.trainyard.store.database.ReadableRows;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts the rows of jobs. */
@Component
record JdbcJobCounts(JdbcClient jdbc) implements JobCounts {
  @Override
  public Map<JobState.Name, Long> byState() {
    Map<JobState.Name, Long> counts = new EnumMap<>(JobState.Name.class);
    jdbc.sql("select state, count(*) as jobs from jobs group by state")
        .query(
            ReadableRows.list(
                row -> Map.entry(JobRows.stateName(row.getString("state")), row.getLong("jobs"))))
        .forEach(state -> counts.put(state.getKey(), state.getValue()));
    return counts;
  }

  @Override
  public Map<String, Long> queued() {
    Map<String, Long> depths = new HashMap<>();
    jdbc.sql(
            "select pool, count(*) as jobs from jobs"
                + " where state = :queued and trial is null group by pool")
        .param("queued", JobState.Name.QUEUED.word())
        .query(
            row -> {
              depths.put(row.getString("pool"), row.getLong("jobs"));
            });
    return depths;
  }
}
