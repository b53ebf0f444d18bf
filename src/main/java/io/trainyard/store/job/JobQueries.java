package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore.Signal;
import io.trainyard.store.database.Timestamps;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
    StringBuilder conditions = new StringBuilder(" WHERE 1 = 1");
    StringBuilder order = new StringBuilder();
    List<Object> parameters = new ArrayList<>();
    if (filter.model() != null) {
      conditions.append(" AND model = ?");
      parameters.add(filter.model());
    }
    if (filter.state() != null) {
      conditions.append(" AND state = ?");
      parameters.add(JobRows.word(filter.state()));
    }
    if (filter.sweep() != null) {
      conditions.append(" AND sweep = ?");
      parameters.add(filter.sweep());
    }
    if (filter.before() != null) {
      conditions.append(" AND id < ?");
      parameters.add(filter.before());
    }
    // H2 sees only so that the index gives the order; all rows have the same in this column.
    if (filter.sweep() != null) {
      order.append("sweep, ");
    } else if (filter.model() != null) {
      order.append("model, ");
    } else if (filter.state() != null) {
      order.append("state, ");
    }
    return jdbc.sql(
            "SELECT "
                + JobRows.COLUMNS
                + " FROM jobs"
                + conditions
                + " ORDER BY "
                + order
                + "id DESC FETCH FIRST "
                + limit
                + " ROWS ONLY")
        .params(parameters)
        .query(JobRows::read)
        .list();
  }

  /** Jobs that wait in a pool. */
  int waiting(String pool) {
    return jdbc.sql("SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND pool = ?")
        .param(pool)
        .query(Integer.class)
        .single();
  }

  /** Jobs that wait behind a place in a pool. */
  int waitingBehind(String pool, Instant place, String id) {
    OffsetDateTime due = Timestamps.time(place);
    return jdbc.sql(
            "SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND pool = ? AND due_at >= ?"
                + " AND (due_at > ? OR id > ?)")
        .params(pool, due, due, id)
        .query(Integer.class)
        .single();
  }

  /** The places of queued jobs, by id; each job that waits is counted once. */
  Map<String, Integer> queuePositions(Collection<Job> queued) {
    Map<String, Integer> positions = new HashMap<>();
    queued.stream()
        .collect(Collectors.groupingBy(job -> job.task().placement().pool()))
        .forEach((pool, jobs) -> queuePositions(pool, jobs, positions));
    return positions;
  }

  private void queuePositions(String pool, List<Job> jobs, Map<String, Integer> positions) {
    List<Job> inOrder =
        jobs.stream()
            .sorted(Comparator.comparing(JobQueries::place).thenComparing(Job::id))
            .toList();
    int position = 1;
    Job before = null;
    for (Job job : inOrder) {
      position += waiting(pool, before, job);
      positions.put(job.id(), position);
      before = job;
    }
  }

  /** Jobs that wait from one job's place, or from the head, up to another's. */
  private int waiting(String pool, @Nullable Job from, Job to) {
    OffsetDateTime end = Timestamps.time(place(to));
    String head = "SELECT COUNT(*) FROM jobs WHERE state = 'queued' AND pool = ?";
    String upTo = " AND due_at <= ? AND (due_at < ? OR id < ?)";
    if (from == null) {
      return jdbc.sql(head + upTo).params(pool, end, end, to.id()).query(Integer.class).single();
    }
    OffsetDateTime begin = Timestamps.time(place(from));
    return jdbc.sql(head + " AND due_at >= ? AND (due_at > ? OR id >= ?)" + upTo)
        .params(pool, begin, begin, from.id(), end, end, to.id())
        .query(Integer.class)
        .single();
  }

  static Instant place(Job job) {
    return JobSchedule.place(job.createdAt(), job.task().placement().priority());
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
