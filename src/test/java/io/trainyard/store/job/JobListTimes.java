package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.database.Timestamps;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Prints how long two pages of each list of 100,000 jobs take, in every order and both databases.
 * Run by {@code src/bench/run lists}.
 */
final class JobListTimes {
  private static final int JOBS = 100_000;
  private static final int PAGE = 51;
  private static final int ROUNDS = 3;
  private static final double MILLIS = 1e6;

  private JobListTimes() {}

  /** The argument is a folder for a database. */
  public static void main(String[] args) {
    for (TestDatabase kind : List.of(TestDatabase.H2, TestDatabase.POSTGRESQL)) {
      try (TestDatabase.Opened database = kind.open(Path.of(args[0]))) {
        JdbcClient jdbc = JdbcClient.create(database.source());
        fill(database.source());
        // PostgreSQL does so by itself after a while.
        jdbc.sql("analyze").update();
        JobLists lists = new JobLists(jdbc);
        filters()
            .forEach(
                (name, filter) ->
                    System.out.printf(
                        Locale.ROOT,
                        "%-10s %-30s %7.1f ms for two pages%n",
                        kind,
                        name,
                        Identity.open(Limits.NONE).call(() -> best(lists, filter))));
      }
    }
    System.exit(0); // the server of PostgreSQL has threads
  }

  private static double best(JobLists lists, JobFilter filter) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      List<Placed<Job>> page = lists.page(filter, PAGE);
      if (!page.isEmpty()) {
        var _ = lists.page(filter.before(page.getLast().cursor()), PAGE);
      }
      best = Math.min(best, (System.nanoTime() - start) / MILLIS);
    }
    return best;
  }

  private static Map<String, JobFilter> filters() {
    Map<String, JobFilter> filters = new LinkedHashMap<>();
    filters.put("newest", filter(null, null, Selection.ALL));
    filters.put("not archived", filter(null, null, select(Map.of(), null, false, null)));
    filters.put("archived", filter(null, null, select(Map.of(), null, true, null)));
    filters.put("rare tag", filter(null, null, select(Map.of("rare", "1"), null, false, null)));
    filters.put("common tag", filter(null, null, select(Map.of("team", "a"), null, false, null)));
    filters.put(
        "two tags",
        filter(null, null, select(Map.of("team", "a", "rare", "1"), null, false, null)));
    filters.put("owner", filter(null, null, select(Map.of(), "own-1", false, null)));
    filters.put("rare owner", filter(null, null, select(Map.of(), "rare", false, null)));
    filters.put("recent", filter(null, null, since(Duration.ofHours(1))));
    filters.put("old", filter(null, null, since(Duration.ofDays(3650))));
    for (String key :
        List.of(
            "val_accuracy",
            "best.loss",
            "created_at",
            "started_at",
            "finished_at",
            "model",
            "state",
            "owner",
            "kind",
            "description",
            "attempt",
            "queue_position")) {
      for (boolean descending : new boolean[] {false, true}) {
        Selection ordered = select(Map.of(), null, false, new Selection.Order(key, descending));
        String name = (descending ? "-" : "") + key;
        filters.put(name, filter(null, null, ordered));
        filters.put(name + " of a model", filter("m-7", null, ordered));
        filters.put(name + " that failed", filter(null, JobState.Name.FAILED, ordered));
        filters.put(
            name + " of a rare tag",
            filter(
                null,
                null,
                select(Map.of("rare", "1"), null, false, new Selection.Order(key, descending))));
        filters.put(
            name + " of a common tag",
            filter(
                null,
                null,
                select(Map.of("team", "a"), null, false, new Selection.Order(key, descending))));
      }
    }
    return filters;
  }

  private static Selection select(
      Map<String, String> tags,
      @Nullable String owner,
      boolean archived,
      Selection.@Nullable Order order) {
    return new Selection(tags, owner, null, archived, order);
  }

  private static Selection since(Duration age) {
    return new Selection(Map.of(), null, Instant.now().minus(age), false, null);
  }

  private static JobFilter filter(
      @Nullable String model, JobState.@Nullable Name state, Selection selection) {
    return new JobFilter(model, state, null, null, null, selection);
  }

  /** Jobs with the sizes that a small training has, one a second. */
  private static void fill(DataSource source) {
    var batches = new NamedParameterJdbcTemplate(source);
    var transaction = new TransactionTemplate(new JdbcTransactionManager(source));
    int step = 5_000;
    Instant begin = Instant.now().minus(Duration.ofSeconds(JOBS));
    for (int from = 0; from < JOBS; from += step) {
      List<SqlParameterSource> jobs = new ArrayList<>();
      List<SqlParameterSource> values = new ArrayList<>();
      List<SqlParameterSource> tags = new ArrayList<>();
      for (int n = from; n < Math.min(JOBS, from + step); n++) {
        Instant created = begin.plusSeconds(n);
        String id = new UUID((created.toEpochMilli() << 16) | 0x7000, n).toString();
        jobs.add(job(id, n, created));
        if (n % 50 != 0) {
          for (String name : List.of("val_accuracy", "best.loss")) {
            values.add(
                new MapSqlParameterSource("job", id)
                    .addValue("name", name)
                    .addValue("amount", n * 7919L % 100_003 / 100_003.0));
          }
        }
        if (n % 2 == 0) {
          tags.add(tag(id, "team", "a"));
        }
        if (n % 25_000 == 2) {
          tags.add(tag(id, "rare", "1"));
        }
      }
      transaction.executeWithoutResult(_ -> insert(batches, jobs, values, tags));
    }
  }

  private static void insert(
      NamedParameterJdbcTemplate batches,
      List<SqlParameterSource> jobs,
      List<SqlParameterSource> values,
      List<SqlParameterSource> tags) {
    batches.batchUpdate(
        "insert into jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
            + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
            + " last_record, best_record, last_event, created_at, started_at, finished_at,"
            + " owner_name, archived, measured) values (:id, 'training', :model, 'd', 1, 'cpu',"
            + " 0, :created, :state, 1, 0, false, :body, :body, '[]', :record, :record, 5,"
            + " :created, :created, :created, :owner, :archived, true)",
        jobs.toArray(SqlParameterSource[]::new));
    batches.batchUpdate(
        "insert into job_values (job_id, name, amount) values (:job, :name, :amount)",
        values.toArray(SqlParameterSource[]::new));
    batches.batchUpdate(
        "insert into job_tags (job_id, name, content) values (:job, :name, :content)",
        tags.toArray(SqlParameterSource[]::new));
  }

  private static SqlParameterSource tag(String job, String name, String content) {
    return new MapSqlParameterSource("job", job)
        .addValue("name", name)
        .addValue("content", content);
  }

  private static SqlParameterSource job(String id, int n, Instant created) {
    return new MapSqlParameterSource("id", id)
        .addValue("model", "m-" + n % 100)
        .addValue("state", n % 50 == 0 ? "cancelled" : "succeeded")
        .addValue("created", Timestamps.time(created))
        .addValue("body", "{\"dataset\": {\"name\": \"d\"}, \"x\": \"" + "x".repeat(600) + "\"}")
        .addValue(
            "record",
            "{\"epoch\": 20, \"phase\": null, \"loss\": 0.5, \"val_accuracy\": 0.5,"
                + " \"learning_rate\": 0.01, \"seconds\": 0.1}")
        .addValue("owner", n % 50_000 == 7 ? "rare" : "own-" + n % 5)
        .addValue("archived", n % 1_000 == 3);
  }
}
