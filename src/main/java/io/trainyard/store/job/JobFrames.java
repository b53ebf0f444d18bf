package io.trainyard.store.job;

import io.trainyard.job.frame.Frame;
import java.util.List;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The frames of jobs in the database. A writer holds the lock of the job's row. */
@Component
final class JobFrames {
  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;

  JobFrames(JdbcOperations operations) {
    this.jdbc = JdbcClient.create(operations);
    this.batches = new NamedParameterJdbcTemplate(operations);
  }

  /**
   * Adds frames, and deletes those between that are no longer kept. An attempt that repeats epochs
   * of an earlier one has the same frames, which are not stored again.
   */
  void add(String job, List<Frame> frames) {
    if (frames.isEmpty()) {
      return;
    }
    List<Integer> stored =
        jdbc.sql("select epoch from job_frames where job_id = :job order by epoch")
            .param("job", job)
            .query(Integer.class)
            .list();
    int last = stored.isEmpty() ? -1 : stored.getLast();
    List<Frame> added = frames.stream().filter(frame -> frame.epoch() > last).toList();
    if (added.isEmpty()) {
      return;
    }
    batches.batchUpdate(
        "insert into job_frames (job_id, epoch, frame) values (:job, :epoch, :frame)",
        added.stream()
            .map(frame -> row(job, frame.epoch()).addValue("frame", frame.json()))
            .toArray(SqlParameterSource[]::new));
    batches.batchUpdate(
        "delete from job_frames where job_id = :job and epoch = :epoch",
        stored.stream()
            .filter(epoch -> !new Frame(epoch, 1, "").staysBefore(added.getLast()))
            .map(epoch -> row(job, epoch))
            .toArray(SqlParameterSource[]::new));
  }

  private static MapSqlParameterSource row(String job, int epoch) {
    return new MapSqlParameterSource("job", job).addValue("epoch", epoch);
  }

  List<Frame> page(String job, int after, int limit) {
    return jdbc.sql(
            "select epoch, frame from job_frames where job_id = :job and epoch > :after"
                + " order by epoch fetch first "
                + limit
                + " rows only")
        .param("job", job)
        .param("after", after)
        .query((row, _) -> new Frame(row.getInt("epoch"), 1, row.getString("frame")))
        .list();
  }
}
