package io.trainyard.store.job;

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

/**
 * Keeps at most {@value #MOST} records of epochs of a job: the newest ones, the best, and of the
 * others the smallest and the largest loss of each bin.
 */
final class KeptRecords {
  static final int MOST = 10_000;

  /** More than so many are thinned; the epochs of the next report still fit. */
  private static final int THINNED_FROM = 8_000;

  private static final int NEWEST = 1_000;
  private static final int BINS = 2_500;
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

  /** A job with so many epochs is never thinned. */
  int newest() {
    return THINNED_FROM;
  }

  /** Deletes records of a job when it has too many. Joins the caller's transaction. */
  void thin(String job, int lastEpoch) {
    int count =
        jdbc.sql("select count(*) from job_metrics where job_id = :job")
            .param("job", job)
            .query(Integer.class)
            .single();
    if (count <= THINNED_FROM) {
      return;
    }
    int old = lastEpoch - NEWEST;
    Set<Integer> kept = new HashSet<>();
    best(job, kept);
    ThinnedEpochs bins = new ThinnedEpochs(1, old, BINS, null, epoch -> kept.add(epoch.epoch()));
    List<Integer> all = new ArrayList<>();
    List<EpochRecord> page;
    do {
      page = page(job, all.isEmpty() ? 0 : all.getLast(), old);
      for (EpochRecord epoch : page) {
        all.add(epoch.epoch());
        bins.accept(epoch);
      }
    } while (page.size() == PAGE);
    bins.finish();
    all.removeAll(kept);
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
