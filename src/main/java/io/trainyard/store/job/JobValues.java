package io.trainyard.store.job;

import io.trainyard.job.Job;
import io.trainyard.job.Task;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.store.database.Json;
import io.trainyard.train.EpochRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The numbers that ended jobs measured, by which lists are sorted. */
@Component
@DependsOnDatabaseInitialization
final class JobValues {
  private static final Logger log = LoggerFactory.getLogger(JobValues.class);

  /** Before the names of the values of the published epoch. */
  static final String BEST = "best.";

  /** The mean of the best trial of a sweep, and its standard deviation. */
  static final String MEAN = BEST + "mean";

  static final String STD = BEST + "std";

  /** A job with more values is sorted by the first ones. */
  private static final int MOST = 1_000;

  private static final int LONGEST = 200;
  private static final int BATCH = 200;

  private final JdbcClient jdbc;
  private final NamedParameterJdbcTemplate batches;
  private final TransactionTemplate transaction;

  JobValues(JdbcOperations operations, TransactionTemplate transaction) {
    this.jdbc = JdbcClient.create(operations);
    this.batches = new NamedParameterJdbcTemplate(operations);
    this.transaction = transaction;
  }

  /** The records of a job as they are stored. */
  private record Records(String job, String kind, @Nullable String last, @Nullable String best) {}

  /** Stores the values of a job that ends. Joins the caller's transaction. */
  void store(String job) {
    jdbc.sql(
            "select id, kind, last_record, best_record from jobs where id = :job and measured = false")
        .param("job", job)
        .query(
            (row, _) ->
                new Records(
                    row.getString("id"),
                    row.getString("kind"),
                    row.getString("last_record"),
                    row.getString("best_record")))
        .list()
        .forEach(this::store);
  }

  private void store(Records records) {
    Map<String, Double> values = new HashMap<>();
    add(values, "", records.last());
    add(values, BEST, records.best());
    if (records.kind().equals(Task.Sweep.KIND)) {
      addBestTrial(values, records.job());
    }
    List<SqlParameterSource> rows = new ArrayList<>();
    values.forEach(
        (name, amount) ->
            rows.add(
                new MapSqlParameterSource("job", records.job())
                    .addValue("name", name)
                    .addValue("amount", amount)));
    batches.batchUpdate(
        "insert into job_values (job_id, name, amount) values (:job, :name, :amount)",
        rows.toArray(SqlParameterSource[]::new));
    jdbc.sql("update jobs set measured = true where id = :job")
        .param("job", records.job())
        .update();
  }

  private void addBestTrial(Map<String, Double> values, String sweep) {
    Job job =
        jdbc.sql("select " + JobRows.COLUMNS + " from jobs where id = :id")
            .param("id", sweep)
            .query(JobRows::read)
            .single();
    new SweepService.Sweep(job, JdbcSweepStore.trainings(jdbc, sweep))
        .results()
        .best()
        .ifPresent(
            best -> {
              put(values, MEAN, best.mean());
              put(values, STD, best.std());
            });
  }

  private static void add(Map<String, Double> values, String prefix, @Nullable String record) {
    if (record == null) {
      return;
    }
    EpochRecord epoch = StoredMeasurements.epoch(Json.read(record));
    Map<String, Double> amounts = new LinkedHashMap<>();
    if (epoch.epoch() > 0) {
      amounts.put("epoch", (double) epoch.epoch());
      amounts.put("learning_rate", epoch.learningRate());
      amounts.put("seconds", epoch.seconds());
    }
    amounts.putAll(epoch.values());
    amounts.forEach((name, amount) -> put(values, prefix + name, amount));
  }

  private static void put(Map<String, Double> values, String name, double amount) {
    if (Double.isFinite(amount) && values.size() < MOST && name.length() <= LONGEST) {
      values.put(name, amount);
    }
  }

  /** Adds jobs that processes of an earlier release have ended. */
  @Scheduled(initialDelayString = "PT5S", fixedDelayString = "PT1M")
  void storeOld() {
    try {
      List<String> old;
      do {
        old =
            jdbc.sql(
                    "select id from jobs where measured = false and state in (:ended)"
                        + " fetch first %d rows only".formatted(BATCH))
                .param("ended", JobRows.ENDED)
                .query(String.class)
                .list();
        List<String> batch = old;
        transaction.executeWithoutResult(_ -> batch.forEach(this::storeOld));
      } while (old.size() == BATCH);
    } catch (DuplicateKeyException e) {
      log.debug("Another process adds them at the same time: {}", e.toString());
    }
  }

  private void storeOld(String job) {
    try {
      store(job);
    } catch (DuplicateKeyException e) {
      throw e;
    } catch (RuntimeException e) {
      // What another release wrote may be unreadable here: the job is then not sorted by it.
      log.debug("The values of job {} cannot be read: {}", job, e.toString());
      jdbc.sql("update jobs set measured = true where id = :job").param("job", job).update();
    }
  }
}
