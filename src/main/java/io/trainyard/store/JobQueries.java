package io.trainyard.store;

import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Signal;
import io.trainyard.job.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is asked about jobs. */
final class JobQueries {
  private final JdbcClient jdbc;

  JobQueries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  Optional<Job> find(String id) {
    return jdbc.sql("SELECT " + JobRows.COLUMNS + " FROM jobs WHERE id = ?")
        .param(id)
        .query(JobRows::read)
        .optional();
  }

  List<Job> list(JobFilter filter, int limit) {
    StringBuilder sql = new StringBuilder("SELECT " + JobRows.COLUMNS + " FROM jobs WHERE 1 = 1");
    List<Object> parameters = new ArrayList<>();
    if (filter.model() != null) {
      sql.append(" AND model = ?");
      parameters.add(filter.model());
    }
    if (filter.state() != null) {
      sql.append(" AND state = ?");
      parameters.add(JobRows.word(filter.state()));
    }
    if (filter.sweep() != null) {
      sql.append(" AND sweep = ?");
      parameters.add(filter.sweep());
    }
    if (filter.before() != null) {
      sql.append(" AND id < ?");
      parameters.add(filter.before());
    }
    sql.append(" ORDER BY id DESC FETCH FIRST ").append(limit).append(" ROWS ONLY");
    return jdbc.sql(sql.toString()).params(parameters).query(JobRows::read).list();
  }

  int queuePosition(Job job) {
    Task.Placement placement = job.task().placement();
    var place = JobRows.time(JobSchedule.place(job.createdAt(), placement.priority()));
    return jdbc.sql(
            "SELECT COUNT(*) + 1 FROM jobs WHERE state = 'queued' AND pool = ?"
                + " AND (due_at < ? OR (due_at = ? AND id < ?))")
        .params(placement.pool(), place, place, job.id())
        .query(Integer.class)
        .single();
  }

  Map<String, Integer> lastEvents(Collection<String> ids) {
    Map<String, Integer> last = new HashMap<>();
    jdbc.sql("SELECT id, last_event FROM jobs WHERE id IN (:ids)")
        .param("ids", ids)
        .query(
            row -> {
              last.put(row.getString("id"), row.getInt("last_event"));
            });
    return last;
  }

  Map<String, Signal> signals(Collection<String> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    Map<String, Signal> signals = new HashMap<>();
    jdbc.sql("SELECT id, state, attempt, stop_requested FROM jobs WHERE id IN (:ids)")
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
    jdbc.sql("SELECT state, COUNT(*) AS jobs FROM jobs GROUP BY state")
        .query(
            row -> {
              counts.put(JobRows.stateName(row.getString("state")), row.getLong("jobs"));
            });
    return counts;
  }

  Map<String, Long> queueDepths() {
    Map<String, Long> depths = new HashMap<>();
    jdbc.sql("SELECT pool, COUNT(*) AS jobs FROM jobs WHERE state = 'queued' GROUP BY pool")
        .query(
            row -> {
              depths.put(row.getString("pool"), row.getLong("jobs"));
            });
    return depths;
  }
}
