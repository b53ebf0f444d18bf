package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Signal;
import io.trainyard.label.Placed;
import io.trainyard.store.database.Json;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads jobs and their epochs. */
@Component
record JobQueries(JdbcClient jdbc) {
  private static final int CHUNK = 500;

  Optional<Job> find(String id) {
    return jdbc.sql("select " + JobRows.COLUMNS + " from jobs where id = :id")
        .param("id", id)
        .query(JobRows::read)
        .optional();
  }

  @Nullable String traceparent(String id) {
    return jdbc.sql("select traceparent from jobs where id = :id and traceparent is not null")
        .param("id", id)
        .query(String.class)
        .optional()
        .orElse(null);
  }

  /** In the order of the filter, at most {@code limit} that the caller may see. */
  List<Placed<Job>> page(JobFilter filter, int limit) {
    Identity caller = Identity.current();
    JobLists lists = new JobLists(jdbc);
    List<Placed<Job>> visible = new ArrayList<>();
    JobFilter rest = filter;
    int wanted = limit;
    while (true) {
      List<Placed<Job>> found = lists.page(rest, wanted);
      found.stream()
          .filter(placed -> placed.item().isVisibleTo(caller))
          .limit(limit - visible.size())
          .forEach(visible::add);
      if (found.size() < wanted || visible.size() == limit) {
        return visible;
      }
      rest = rest.before(found.getLast().cursor());
      wanted = Math.max(limit, CHUNK); // there may be many that the caller may not see
    }
  }

  List<EpochRecord> epochs(String job, int after, int limit) {
    return jdbc
        .sql(
            """
            select measures from job_metrics where job_id = :job and epoch > :after
            order by epoch fetch first %d rows only
            """
                .formatted(limit))
        .param("job", job)
        .param("after", after)
        .query(String.class)
        .list()
        .stream()
        .map(text -> StoredMeasurements.epoch(Json.read(text)))
        .toList();
  }

  Optional<String> evaluation(String job) {
    return jdbc.sql("select evaluation from job_evaluations where job_id = :job")
        .param("job", job)
        .query(String.class)
        .optional();
  }

  Map<String, Signal> signals(Collection<String> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    Map<String, Signal> signals = new HashMap<>();
    jdbc.sql("select id, state, attempt, stop_requested from jobs where id in (:ids)")
        .param("ids", ids)
        .query(
            row -> {
              signals.put(
                  row.getString("id"),
                  new Signal(
                      JobRows.stateName(row.getString("state")),
                      row.getInt("attempt"),
                      row.getBoolean("stop_requested")));
            });
    return signals;
  }

  Map<JobState.Name, Long> countByState() {
    Map<JobState.Name, Long> counts = new EnumMap<>(JobState.Name.class);
    jdbc.sql("select state, count(*) as jobs from jobs group by state")
        .query(
            row -> {
              counts.put(JobRows.stateName(row.getString("state")), row.getLong("jobs"));
            });
    return counts;
  }
}
