package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A member of a job's view by which lists are sorted.
 *
 * @param sql its value, of the job {@code t}
 * @param indexed whether an index has the jobs in this order
 */
record SortedMember(String sql, Form form, boolean indexed) {
  /** What values are compared as. */
  enum Form {
    TIME,
    TEXT,
    NUMBER
  }

  /** Longer descriptions are sorted by their beginning, since a cursor holds the value. */
  private static final int LONGEST = 200;

  /** A number that the job measured. */
  static final SortedMember MEASURED = new SortedMember("v.amount", Form.NUMBER, true);

  private static final String ENDED = quoted(JobRows.ENDED);

  private static final String QUEUED = quoted(List.of(JobState.Name.QUEUED.word()));

  private static final String CANCELLED = quoted(List.of(JobState.Name.CANCELLED.word()));

  private static final String SUCCEEDED = quoted(List.of(JobState.Name.SUCCEEDED.word()));

  /** As {@link JobQueue#positions} counts. */
  private static final String POSITION =
      """
      case when t.state in (%1$s) and t.trial is null then
        (select count(*) from jobs q where q.state in (%1$s) and q.pool = t.pool
          and q.trial is null and q.due_at <= t.due_at
          and (q.due_at < t.due_at or q.id <= t.id)) end\
      """
          .formatted(QUEUED);

  /** As {@link JobQueue#holdingSlots} finds them. */
  private static final String RELEASING =
      """
      case when t.state in (%s) and exists (select 1 from scheduled_tasks s
        where s.task_instance = t.id and s.picked = true) then 1 end\
      """
          .formatted(CANCELLED);

  /** As {@link io.trainyard.job.sweep.SweepService.Sweep#fraction}. */
  private static final String FRACTION =
      """
      case when t.state in (%s) then 1.0 else
        (select cast(sum(case when s.state in (%s) then 1 else 0 end) as double precision)
            / (count(*) + case when min(s.trial) = %d then 0 else 1 end)
          from jobs s where s.sweep = t.id and s.trial is not null) end\
      """
          .formatted(SUCCEEDED, ENDED, TrainingTask.Trial.BEST);

  private static final Map<String, SortedMember> OF_JOBS = ofJobs();

  private static Map<String, SortedMember> ofJobs() {
    Map<String, SortedMember> members = new LinkedHashMap<>();
    members.put("started_at", new SortedMember("t.started_at", Form.TIME, true));
    members.put("finished_at", new SortedMember("t.finished_at", Form.TIME, true));
    members.put("model", new SortedMember("t.model", Form.TEXT, true));
    members.put("kind", new SortedMember("t.kind", Form.TEXT, true));
    members.put("state", new SortedMember("t.state", Form.TEXT, true));
    members.put("done", truth("t.state in (%s)".formatted(ENDED)));
    members.put("owner", new SortedMember("t.owner_name", Form.TEXT, true));
    members.put(
        "description",
        new SortedMember(
            "substring(t.description from 1 for %d)".formatted(LONGEST), Form.TEXT, false));
    members.put("archived", truth("t.archived = true"));
    members.put("queue_position", new SortedMember(POSITION, Form.NUMBER, false));
    members.put("releasing", new SortedMember(RELEASING, Form.NUMBER, false));
    members.put("stop_reason", new SortedMember("t.stop_reason", Form.TEXT, false));
    members.put("attempt", new SortedMember("t.attempt", Form.NUMBER, false));
    members.put("worker", new SortedMember("t.worker", Form.TEXT, false));
    members.put("device", new SortedMember("t.device", Form.TEXT, false));
    members.put("threads", new SortedMember("t.threads", Form.NUMBER, false));
    return members;
  }

  private static SortedMember truth(String condition) {
    return new SortedMember(
        "case when %s then 1 else 0 end".formatted(condition), Form.NUMBER, false);
  }

  private static String quoted(List<String> words) {
    return words.stream().map("'%s'"::formatted).collect(Collectors.joining(", "));
  }

  /**
   * The member of a name; null when there is none.
   *
   * @param kind of the jobs in the list; null: any
   */
  static @Nullable SortedMember of(String name, @Nullable String kind) {
    return name.equals("fraction") && Task.Sweep.KIND.equals(kind)
        ? new SortedMember(FRACTION, Form.NUMBER, false)
        : OF_JOBS.get(name);
  }

  /** What is measured of the trials of jobs of a kind; null: any. */
  static List<String> ofTrials(@Nullable String kind) {
    return Task.Sweep.KIND.equals(kind) ? List.of(JobValues.MEAN, JobValues.STD) : List.of();
  }

  /** The names, for people. */
  static String names(@Nullable String kind) {
    String ofJobs = String.join(", ", OF_JOBS.keySet());
    return Task.Sweep.KIND.equals(kind)
        ? ofJobs + ", fraction, " + String.join(", ", ofTrials(kind))
        : ofJobs;
  }

  /** Whether the index has the ids of one value in the direction of the values. */
  boolean sameWay() {
    return form == Form.TIME || equals(MEASURED);
  }

  /** The value in the column {@code sorted_by} of a row, for a cursor. */
  String read(ResultSet row) throws SQLException {
    return switch (form) {
      case TIME -> row.getObject("sorted_by", OffsetDateTime.class).toString();
      case TEXT -> row.getString("sorted_by");
      case NUMBER -> Double.toString(row.getDouble("sorted_by"));
    };
  }

  /** The value in a cursor. */
  Object parse(String text) {
    try {
      return switch (form) {
        case TIME -> OffsetDateTime.parse(text);
        case TEXT -> text;
        case NUMBER -> (Double) Double.parseDouble(text);
      };
    } catch (NumberFormatException | DateTimeParseException e) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER, "page_token must be a next_page_token of this service", e);
    }
  }
}
