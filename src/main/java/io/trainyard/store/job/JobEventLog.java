package io.trainyard.store.job;

import io.trainyard.job.JobJson;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.event.JobEvent;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.Timestamps;
import io.trainyard.train.EpochRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What happened to each job, numbered from 1. Epochs and other events share the numbers. Every
 * caller has just changed the job's row in its transaction and so holds its lock: numbers are given
 * one transaction after the other.
 */
final class JobEventLog {
  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final Clock clock;

  JobEventLog(JdbcClient jdbc, JdbcOperations batches, Clock clock) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.clock = clock;
  }

  /** Notes that a job is now in that state. */
  void state(String jobId, JobState.Name state, int attempt) {
    append(jobId, "state", body(state, attempt).putNull("queue_position"));
  }

  /** Notes that a job waits. */
  void queued(String jobId, int attempt, int position) {
    append(jobId, "state", body(JobState.Name.QUEUED, attempt).put("queue_position", position));
  }

  private static ObjectNode body(JobState.Name state, int attempt) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("state", JobRows.word(state));
    body.put("attempt", attempt);
    return body;
  }

  /** Notes that nothing more will happen. */
  void done(String jobId) {
    append(jobId, "done", JsonNodeFactory.instance.objectNode());
  }

  /** Notes something worth telling whoever watches. */
  void log(String jobId, String level, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("level", level);
    body.put("message", message);
    append(jobId, "log", body);
  }

  private void append(String jobId, String kind, ObjectNode body) {
    int number = reserve(jobId, 1);
    jdbc.sql(
            "INSERT INTO job_events (job_id, event_id, kind, body, created_at)"
                + " VALUES (?, ?, ?, ?, ?)")
        .params(jobId, number, kind, body.toString(), Timestamps.time(clock.instant()))
        .update();
  }

  /**
   * Records epochs. An attempt that goes over epochs of an earlier one writes the same values
   * again; their events keep their numbers and are not sent twice.
   *
   * @param first whether no earlier attempt can have recorded any
   */
  void epochs(String jobId, List<ProgressReport.Epoch> epochs, boolean first) {
    if (epochs.isEmpty()) {
      return;
    }
    Set<Integer> known = first ? Set.of() : known(jobId, epochs.getFirst().record().epoch());
    List<Object[]> fresh = new ArrayList<>();
    List<Object[]> again = new ArrayList<>();
    int number = reserve(jobId, (int) epochs.stream().filter(e -> !isIn(known, e)).count());
    for (ProgressReport.Epoch epoch : epochs) {
      String measures = JobJson.of(epoch.record()).toString();
      String progress = JobJson.of(epoch.progress()).toString();
      if (isIn(known, epoch)) {
        again.add(new Object[] {measures, progress, jobId, epoch.record().epoch()});
      } else {
        fresh.add(new Object[] {jobId, 0, 0, epoch.record().epoch(), number++, measures, progress});
      }
    }
    batches.batchUpdate(
        "INSERT INTO job_metrics"
            + " (job_id, phase, repeat_no, epoch, event_id, measures, progress)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
        fresh);
    batches.batchUpdate(
        "UPDATE job_metrics SET measures = ?, progress = ? WHERE job_id = ? AND epoch = ?", again);
  }

  private static boolean isIn(Set<Integer> known, ProgressReport.Epoch epoch) {
    return known.contains(epoch.record().epoch());
  }

  private Set<Integer> known(String jobId, int from) {
    return new HashSet<>(
        jdbc.sql("SELECT epoch FROM job_metrics WHERE job_id = ? AND epoch >= ?")
            .params(jobId, from)
            .query(Integer.class)
            .list());
  }

  /** The first of so many new numbers. */
  private int reserve(String jobId, int count) {
    jdbc.sql("UPDATE jobs SET last_event = last_event + ? WHERE id = ?")
        .params(count, jobId)
        .update();
    Integer last =
        jdbc.sql("SELECT last_event FROM jobs WHERE id = ?")
            .param(jobId)
            .query(Integer.class)
            .single();
    return last - count + 1;
  }

  /** Events of both kinds in their order. */
  List<JobEvent> after(String jobId, int after, int limit) {
    return jdbc.sql(
            "SELECT event_id, kind, body, NULL AS progress FROM job_events"
                + " WHERE job_id = :job AND event_id > :after AND event_id <= :upto"
                + " UNION ALL SELECT event_id, 'epoch', measures, progress FROM job_metrics"
                + " WHERE job_id = :job AND event_id > :after AND event_id <= :upto"
                + " ORDER BY event_id")
        .param("job", jobId)
        .param("after", after)
        // Numbers have no gaps, so this is a limit that both databases find by their index.
        .param("upto", after + limit)
        .query(JobEventLog::event)
        .list();
  }

  private static JobEvent event(ResultSet row, int number) throws SQLException {
    ObjectNode data = (ObjectNode) Json.read(row.getString("body"));
    String progress = row.getString("progress");
    if (progress != null) {
      data.set("progress", Json.read(progress));
    }
    return new JobEvent(row.getInt("event_id"), row.getString("kind"), data);
  }

  List<EpochRecord> epochs(String jobId) {
    return jdbc
        .sql("SELECT measures FROM job_metrics WHERE job_id = ? ORDER BY epoch")
        .param(jobId)
        .query(String.class)
        .list()
        .stream()
        .map(text -> JobJson.epoch(Json.read(text)))
        .toList();
  }
}
