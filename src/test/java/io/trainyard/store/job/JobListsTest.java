package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
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
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every list of 100,000 jobs is quick, in every order. */
@Tag("service")
@Tag("slow")
@Timeout(600)
class JobListsTest {
  private static final int JOBS = Integer.getInteger("jobs.listed", 100_000);
  private static final Duration LIMIT = Duration.ofMillis(200);

  @TempDir Path folder;

  /** One of the databases, and the other one in another run. */
  static List<TestDatabase> kind() {
    return Cases.drawn(List.of(TestDatabase.values()), 2);
  }

  @ParameterizedTest
  @MethodSource("kind")
  void everyListIsQuick(TestDatabase kind) {
    try (TestDatabase.Opened database = kind.available().open(folder)) {
      JdbcClient jdbc = JdbcClient.create(database.source());
      fill(database.source());
      // PostgreSQL does so by itself after a while.
      jdbc.sql("analyze").update();
      JobLists lists = new JobLists(jdbc);
      List<String> slow = new ArrayList<>();
      for (Map.Entry<String, JobFilter> each : filters().entrySet()) {
        Identity.open(Limits.NONE)
            .call(
                () -> {
                  List<Placed<Job>> first = lists.page(each.getValue(), 51); // warm
                  long best = Long.MAX_VALUE;
                  for (int i = 0; i < 3; i++) {
                    long start = System.nanoTime();
                    List<Placed<Job>> page = lists.page(each.getValue(), 51);
                    assertThat(page).hasSameSizeAs(first);
                    if (!page.isEmpty()) {
                      var _ = lists.page(each.getValue().before(page.getLast().cursor()), 51);
                    }
                    best = Math.min(best, System.nanoTime() - start);
                  }
                  String line =
                      "%s: %s %.1f ms for two pages, %d jobs"
                          .formatted(kind, each.getKey(), best / 1e6, first.size());
                  System.out.println(line);
                  if (best > LIMIT.toNanos()) {
                    slow.add(line);
                  }
                  return true;
                });
      }
      assertThat(slow).isEmpty();
    }
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
            "owner")) {
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
    return new JobFilter(model, state, null, null, false, selection);
  }

  /** Jobs with the sizes that a small training has, one a second. */
  private static void fill(DataSource source) {
    var batches = new NamedParameterJdbcTemplate(source);
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
