package io.trainyard.store.job;

import io.trainyard.job.KeptEpochs;
import io.trainyard.job.ThinnedEpochs;
import io.trainyard.store.database.Json;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Deletes the records of epochs that are not kept ({@link KeptEpochs}), but for the best one. */
final class KeptRecords {
  private static final int PAGE = 500;

  /**
   * The records of a job. Phase and number of the repeat are always 0; named, they let H2 find an
   * epoch by the key, where it would read all records of the job for each.
   */
  static final String OF_JOB = " where job_id = :job and phase = 0 and repeat_no = 0";

  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;

  KeptRecords(JdbcOperations operations) {
    this.jdbc = JdbcClient.create(operations);
    this.batches = new NamedParameterJdbcTemplate(operations);
  }

  /**
   * Deletes records of a job after new ones. Joins the caller's transaction.
   *
   * @param first the first new epoch
   * @param last the last one
   */
  void thin(String job, int first, int last) {
    KeptEpochs before = KeptEpochs.after(first - 1);
    KeptEpochs rule = KeptEpochs.after(last);
    if (rule.equals(before)) {
      return;
    }
    Set<Integer> kept = new HashSet<>();
    best(job, kept);
    ThinnedEpochs thinned = rule.thinned(epoch -> kept.add(epoch.epoch()));
    List<Integer> all = new ArrayList<>();
    int after = rule.changedSince(before) - 1;
    List<EpochRecord> page;
    do {
      page = page(job, all.isEmpty() ? after : all.getLast(), rule.old());
      for (EpochRecord epoch : page) {
        all.add(epoch.epoch());
        thinned.accept(epoch);
      }
    } while (page.size() == PAGE);
    thinned.finish();
    all.removeIf(kept::contains);
    batches.batchUpdate(
        "delete from job_metrics" + OF_JOB + " and epoch = :epoch",
        all.stream()
            .map(epoch -> new MapSqlParameterSource("job", job).addValue("epoch", epoch))
            .toArray(SqlParameterSource[]::new));
  }

  private void best(String job, Set<Integer> kept) {
    jdbc.sql("select best_record from jobs where id = :job and best_record is not null")
        .param("job", job)
        .query(String.class)
        .list()
        .forEach(record -> kept.add(StoredMeasurements.epoch(Json.read(record)).epoch()));
  }

  private List<EpochRecord> page(String job, int after, int last) {
    return jdbc
        .sql(
            ("select measures from job_metrics%s and epoch > :after"
                    + " and epoch <= :last order by epoch fetch first %d rows only")
                .formatted(OF_JOB, PAGE))
        .param("job", job)
        .param("after", after)
        .param("last", last)
        .query(String.class)
        .list()
        .stream()
        .map(text -> StoredMeasurements.epoch(Json.read(text)))
        .toList();
  }
}
