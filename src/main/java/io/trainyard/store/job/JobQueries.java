package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Signal;
import io.trainyard.job.Task;
import io.trainyard.store.access.BoundNames;
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
final class JobQueries {
  private static final int CHUNK = 500;

  private final JdbcClient jdbc;

  JobQueries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

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

  /** Newest first, at most {@code limit} that the caller may see. */
  List<Job> list(JobFilter filter, int limit) {
    Identity caller = Identity.current();
    List<Job> visible = new ArrayList<>();
    JobFilter rest = filter;
    int wanted = limit;
    while (true) {
      List<Job> found = query(rest, wanted);
      found.stream()
          .filter(job -> job.isVisibleTo(caller))
          .limit(limit - visible.size())
          .forEach(visible::add);
      if (found.size() < wanted || visible.size() == limit) {
        return visible;
      }
      rest = rest.before(found.getLast().id());
      wanted = Math.max(limit, CHUNK); // there may be many that the caller may not see
    }
  }

  private List<Job> query(JobFilter filter, int limit) {
    Map<String, Object> parameters = new HashMap<>();
    StringBuilder conditions = new StringBuilder("where 1 = 1");
    if (filter.model() != null) {
      conditions.append(" and model = :model");
      parameters.put("model", filter.model());
    }
    if (filter.state() != null) {
      conditions.append(" and state = :state");
      parameters.put("state", filter.state().word());
    }
    if (filter.sweep() != null) {
      conditions.append(" and sweep = :sweep");
      parameters.put("sweep", filter.sweep());
    }
    if (filter.sweeps()) {
      conditions.append(" and kind = :kind");
      parameters.put("kind", Task.Sweep.KIND);
    }
    Identity caller = Identity.current();
    conditions.append(BoundNames.and(caller.models(), "model", parameters));
    conditions.append(BoundNames.and(caller.datasets(), "dataset_name", parameters));
    if (filter.before() != null) {
      conditions.append(" and id < :before");
      parameters.put("before", filter.before());
    }
    String sql =
        "select %s from jobs %s order by %sid desc fetch first %d rows only"
            .formatted(JobRows.COLUMNS, conditions, indexPrefix(filter), limit);
    return jdbc.sql(sql).params(parameters).query(JobRows::read).list();
  }

  /**
   * The first column of the index that has the rows in order. All rows found have the same value in
   * it, but H2 uses the index only when the order names the column.
   */
  private static String indexPrefix(JobFilter filter) {
    if (filter.sweep() != null) {
      return "sweep, ";
    }
    if (filter.sweeps()) {
      return "kind, ";
    }
    if (filter.model() != null) {
      return "model, ";
    }
    return filter.state() == null ? "" : "state, ";
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
