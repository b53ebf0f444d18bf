package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.event.EventStore;
import io.trainyard.job.event.JobEvent;
import io.trainyard.job.event.JobNotices;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events of jobs in the database, numbered per job from 1. Epochs are in a table of their own
 * and share the numbers. A writer has changed the job's row in the same transaction and so holds
 * its lock: transactions get their numbers one after the other.
 *
 * <p>Kept data folders contain the bodies, so their members never change; {@code StoredJobTest} has
 * an example of each.
 */
@Component
final class JobEventLog implements EventStore {
  /** How a message begins that says what a job waits for. */
  private static final String WAITS = "Waits for ";

  private static final String STATE = "state";
  private static final String DONE = "done";
  private static final String POSITION = "queue_position";
  private static final String INSERT =
      "insert into job_events (job_id, event_id, kind, body, created_at)"
          + " values (:job, :event, :kind, :body, :now)";

  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;
  private final Clock clock;
  private final JobNotices notices;
  private final KeptRecords records;

  JobEventLog(JdbcOperations operations, Clock clock, JobNotices notices) {
    this.jdbc = JdbcClient.create(operations);
    this.batches = new NamedParameterJdbcTemplate(operations);
    this.clock = clock;
    this.notices = notices;
    this.records = new KeptRecords(operations);
  }

  // Writing

  /** Adds that a job has a new state, other than queued. */
  void state(String job, JobState.Name state, int attempt) {
    append(job, STATE, body(state, attempt).putNull(POSITION));
  }

  /** Adds that a job is queued. */
  void queued(String job, int attempt, int position) {
    append(job, STATE, body(JobState.Name.QUEUED, attempt).put(POSITION, position));
  }

  /** The first event of new trainings of a sweep, which have no place in a queue. */
  void firstOf(List<Job> trainings) {
    ObjectNode queued = body(JobState.Name.QUEUED, 0).putNull(POSITION);
    batches.batchUpdate(
        INSERT,
        trainings.stream()
            .map(training -> row(training.id(), 1, STATE, queued))
            .toArray(SqlParameterSource[]::new));
  }

  /** The last events of jobs that were cancelled together, whose numbers are reserved. */
  void cancelled(List<JobTransitions.Cancelled> jobs) {
    List<SqlParameterSource> rows = new ArrayList<>();
    for (JobTransitions.Cancelled job : jobs) {
      notifyAfterCommit(job.id());
      ObjectNode state = body(JobState.Name.CANCELLED, job.attempt()).putNull(POSITION);
      rows.add(row(job.id(), job.lastEvent() - 1, STATE, state));
      rows.add(row(job.id(), job.lastEvent(), DONE, JsonNodeFactory.instance.objectNode()));
    }
    batches.batchUpdate(INSERT, rows.toArray(SqlParameterSource[]::new));
  }

  private MapSqlParameterSource row(String job, int event, String kind, ObjectNode body) {
    return new MapSqlParameterSource("job", job)
        .addValue("event", event)
        .addValue("kind", kind)
        .addValue("body", body.toString())
        .addValue("now", Timestamps.time(clock.instant()));
  }

  private static ObjectNode body(JobState.Name state, int attempt) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put(STATE, state.word());
    body.put("attempt", attempt);
    return body;
  }

  /** Adds the last event of a job. */
  void done(String job) {
    append(job, DONE, JsonNodeFactory.instance.objectNode());
  }

  /** Adds a message for the callers that watch a job. */
  void log(String job, String level, String message) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("level", level);
    body.put("message", message);
    append(job, "log", body);
  }

  /**
   * Says what a job waits for. The message takes the place of the last one if that was of this
   * kind: otherwise a job that waits for a day would fill its log with messages.
   */
  void waits(String job, String what) {
    LastWait last = lastWait(job).orElse(null);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("level", "info");
    body.put("message", WAITS + what);
    if (last == null) {
      append(job, "log", body);
      return;
    }
    jdbc.sql("update job_events set body = :body where job_id = :job and event_id = :event")
        .param("body", body.toString())
        .param("job", job)
        .param("event", last.event())
        .update();
  }

  /** For how long a job has waited for the same; 0 when it has trained or said more since. */
  Duration waited(String job) {
    return lastWait(job)
        .map(last -> Duration.between(last.since(), clock.instant()))
        .orElse(Duration.ZERO);
  }

  /** How long a job has been in its state. */
  Duration inState(String job) {
    return jdbc.sql(
            "select created_at from job_events where job_id = :job and kind = 'state'"
                + " order by event_id desc fetch first 1 rows only")
        .param("job", job)
        .query((row, _) -> Timestamps.instant(row, "created_at"))
        .optional()
        .map(since -> Duration.between(since, clock.instant()))
        .orElse(Duration.ZERO);
  }

  private record LastWait(int event, Instant since) {}

  private Optional<LastWait> lastWait(String job) {
    return jdbc
        .sql(
            "select event_id, body, created_at from job_events"
                + " where job_id = :job and event_id = (select max(event_id) from job_events"
                + " where job_id = :job and kind = 'log') and not exists (select 1"
                + " from job_metrics m where m.job_id = :job and m.event_id > job_events.event_id)")
        .param("job", job)
        .query(ReadableRows.list(JobEventLog::lastWait))
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<LastWait> lastWait(ResultSet row) throws SQLException {
    String message = message(row);
    return message.startsWith(WAITS)
        ? Optional.of(new LastWait(row.getInt("event_id"), Timestamps.instant(row, "created_at")))
        : Optional.empty();
  }

  /** The last message about each of these jobs; none for one without a message. */
  Map<String, String> lastMessages(Collection<String> jobs) {
    Map<String, String> messages = new HashMap<>();
    if (!jobs.isEmpty()) {
      jdbc.sql(
              "select e.job_id, e.body from job_events e where e.job_id in (:jobs)"
                  + " and e.event_id = (select max(l.event_id) from job_events l"
                  + " where l.job_id = e.job_id and l.kind = 'log')")
          .param("jobs", jobs)
          .query(ReadableRows.list(row -> Map.entry(row.getString("job_id"), message(row))))
          .forEach(last -> messages.put(last.getKey(), last.getValue()));
    }
    return messages;
  }

  private static String message(ResultSet row) throws SQLException {
    return Json.readObject(row.getString("body")).path("message").asString("");
  }

  /** Adds messages, except those that an earlier report or attempt has added. */
  void notes(String job, List<ProgressReport.Note> notes) {
    if (notes.isEmpty()) {
      return;
    }
    Set<String> said =
        new HashSet<>(
            jdbc.sql("select body from job_events where job_id = :job and kind = 'log'")
                .param("job", job)
                .query(ReadableRows.list(JobEventLog::message)));
    for (ProgressReport.Note note : notes) {
      if (said.add(note.message())) {
        log(job, note.warns() ? "warn" : "info", note.message());
      }
    }
  }

  private void append(String job, String kind, ObjectNode body) {
    batches.update(INSERT, row(job, reserve(job, 1), kind, body));
  }

  /**
   * Stores epochs. An attempt that repeats epochs of an earlier one stores the same values again;
   * their events keep their numbers and are not sent twice.
   *
   * @param first whether no earlier report can have stored any of them
   */
  void epochs(String job, List<ProgressReport.Epoch> epochs, boolean first) {
    if (epochs.isEmpty()) {
      return;
    }
    // Epochs are stored in order. An earlier one may be left out by now: it was sent all the same.
    int stored = first ? 0 : lastStored(job);
    List<SqlParameterSource> added = new ArrayList<>();
    List<SqlParameterSource> repeated = new ArrayList<>();
    int event = reserve(job, (int) epochs.stream().filter(e -> !isIn(stored, e)).count());
    for (ProgressReport.Epoch epoch : epochs) {
      MapSqlParameterSource row =
          new MapSqlParameterSource("job", job)
              .addValue("epoch", epoch.record().epoch())
              .addValue("measures", epoch.record().toJson().toString())
              .addValue("progress", epoch.progress().toJson().toString());
      if (isIn(stored, epoch)) {
        repeated.add(row);
      } else {
        added.add(row.addValue("event", event++));
      }
    }
    batches.batchUpdate(
        "insert into job_metrics (job_id, phase, repeat_no, epoch, event_id, measures, progress)"
            + " values (:job, 0, 0, :epoch, :event, :measures, :progress)",
        added.toArray(SqlParameterSource[]::new));
    batches.batchUpdate(
        "update job_metrics set measures = :measures, progress = :progress"
            + KeptRecords.OF_JOB
            + " and epoch = :epoch",
        repeated.toArray(SqlParameterSource[]::new));
    records.thin(job, epochs.getFirst().record().epoch(), epochs.getLast().record().epoch());
  }

  private static boolean isIn(int stored, ProgressReport.Epoch epoch) {
    return epoch.record().epoch() <= stored;
  }

  private int lastStored(String job) {
    return jdbc.sql("select coalesce(max(epoch), 0) from job_metrics" + KeptRecords.OF_JOB)
        .param("job", job)
        .query(Integer.class)
        .single();
  }

  /** Reserves consecutive numbers and gives the first. */
  private int reserve(String job, int count) {
    notifyAfterCommit(job);
    jdbc.sql("update jobs set last_event = last_event + :count where id = :job")
        .param("count", count)
        .param("job", job)
        .update();
    Integer last =
        jdbc.sql("select last_event from jobs where id = :job")
            .param("job", job)
            .query(Integer.class)
            .single();
    return last - count + 1;
  }

  private void notifyAfterCommit(String job) {
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            notices.changed(job);
          }
        });
  }

  // Reading

  @Override
  public List<JobEvent> events(String job, int after, int limit) {
    List<JobEvent> found = eventsFrom(job, after, limit);
    if (!found.isEmpty()) {
      return found;
    }
    // Epochs that are not kept leave gaps in the numbers.
    Integer next =
        jdbc.sql(
                "select min(event_id) from (select min(event_id) as event_id from job_events"
                    + " where job_id = :job and event_id > :after union all"
                    + " select min(event_id) as event_id from job_metrics"
                    + " where job_id = :job and event_id > :after) e")
            .param("job", job)
            .param("after", after)
            .query((row, _) -> row.getObject(1, Integer.class))
            .list()
            .getFirst();
    return next == null ? found : eventsFrom(job, next - 1, limit);
  }

  private List<JobEvent> eventsFrom(String job, int after, int limit) {
    return jdbc.sql(
            "select event_id, kind, body, null as progress from job_events"
                + " where job_id = :job and event_id > :after and event_id <= :last"
                + " union all select event_id, 'epoch', measures, progress from job_metrics"
                + " where job_id = :job and event_id > :after and event_id <= :last"
                + " order by event_id")
        .param("job", job)
        .param("after", after)
        // No number is given twice, so this is a limit, and both databases use the index for it.
        .param("last", after + limit)
        .query(JobEventLog::event)
        .list();
  }

  private static JobEvent event(ResultSet row, int number) throws SQLException {
    int id = row.getInt("event_id");
    JobEvent event =
        ReadableRows.readOrNull(
            row,
            stored ->
                event(
                    id,
                    stored.getString("kind"),
                    Json.read(stored.getString("body")),
                    stored.getString("progress")));
    return event == null ? new JobEvent.Unreadable(id) : event;
  }

  /**
   * An event of its stored form.
   *
   * @param progress of an epoch
   */
  static JobEvent event(int id, String kind, JsonNode body, @Nullable String progress) {
    return switch (kind) {
      case STATE ->
          new JobEvent.StateChanged(
              id,
              JobRows.stateName(body.path(STATE).stringValue()),
              body.path("attempt").intValue(),
              body.path(POSITION).isNumber() ? body.path(POSITION).intValue() : null);
      case "epoch" ->
          new JobEvent.EpochEnded(
              id,
              StoredMeasurements.epoch(body),
              StoredMeasurements.progress(Json.read(Objects.requireNonNull(progress))));
      case "log" ->
          new JobEvent.Logged(
              id, body.path("level").stringValue(), body.path("message").stringValue());
      case DONE -> new JobEvent.Done(id);
      default -> throw new IllegalStateException("'" + kind + "' is not a kind of event");
    };
  }

  @Override
  public Map<String, Head> heads(Collection<String> jobs) {
    Map<String, Head> heads = new HashMap<>();
    jdbc.sql(
            """
            select id, last_event, case when state = :running then progress end as progress
            from jobs where id in (:jobs)\
            """)
        .param("jobs", jobs)
        .param("running", JobState.Name.RUNNING.word())
        .query(
            row -> {
              String progress = row.getString("progress");
              heads.put(
                  row.getString("id"),
                  new Head(
                      row.getInt("last_event"),
                      progress == null
                          ? null
                          : ReadableRows.readOrNull(
                              row, _ -> StoredMeasurements.progress(Json.read(progress)))));
            });
    return heads;
  }
}
