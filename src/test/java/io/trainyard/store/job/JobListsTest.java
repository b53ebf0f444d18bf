package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.store.database.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Every list of 100,000 jobs is quick, in every order. */
@Tag("service")
@Tag("slow")
@Timeout(600)
class JobListsTest {
  private static final int JOBS = Integer.getInteger("jobs.listed", 100_000);
  private static final Duration LIMIT = Duration.ofMillis(200);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void everyListIsQuick(TestDatabase kind) {
    try (TestDatabase.Opened database = kind.available().open(folder)) {
      JdbcClient jdbc = JdbcClient.create(database.source());
      fill(jdbc);
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
    Map<String, JobFilter> filters = new java.util.LinkedHashMap<>();
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

  private static void fill(JdbcClient jdbc) {
    int step = 10_000;
    for (int from = 0; from < JOBS; from += step) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = from; i < Math.min(JOBS, from + step); i++) {
        numbers.add(i);
      }
      insert(jdbc, from, numbers.size());
    }
  }

  /** Jobs with the sizes that a small training has. */
  private static void insert(JdbcClient jdbc, int from, int count) {
    String series = "select x + :from as n from generate_series(0, :count - 1) as s(x)";
    String id =
        "lower(lpad(to_hex_n, 8, '0')) || '-0000-7000-8000-' || lpad(cast(n as varchar), 12, '0')";
    String record =
        "{\"epoch\": 20, \"phase\": null, \"loss\": 0.5, \"val_accuracy\": 0.5,"
            + " \"learning_rate\": 0.01, \"seconds\": 0.1}";
    String body = "{\"dataset\": {\"name\": \"d\"}, \"padding\": \"" + "x".repeat(600) + "\"}";
    Instant begin = Instant.now().minus(Duration.ofSeconds(JOBS));
    jdbc.sql(
            ("insert into jobs (id, kind, model, dataset_name, dataset_version, pool, priority,"
                    + " due_at, state, attempt, crashes, stop_requested, request, spec, warnings,"
                    + " last_record, best_record, last_event, created_at, started_at, finished_at,"
                    + " owner_name, archived, measured) select "
                    + id
                    + ", 'training', 'm-' || mod(n, 100), 'd', 1, 'cpu', 0, created,"
                    + " case when mod(n, 50) = 0 then 'cancelled' else 'succeeded' end, 1, 0,"
                    + " false, :body, :body, '[]', :record, :record, 5, created, created, created,"
                    + " case when mod(n, 50000) = 7 then 'rare' else 'own-' || mod(n, 5) end,"
                    + " mod(n, 1000) = 3, true from (select n, cast(n as varchar) as to_hex_n,"
                    + " cast(:begin as timestamp with time zone) + n * interval '1' second as"
                    + " created from (%s) k) j")
                .formatted(series))
        .param("from", from)
        .param("count", count)
        .param("body", body)
        .param("record", record)
        .param("begin", io.trainyard.store.database.Timestamps.time(begin))
        .update();
    for (String name : List.of("val_accuracy", "best.loss")) {
      jdbc.sql(
              "insert into job_values (job_id, name, amount) select %s, :name, mod(n * 7919, 100003) / 100003.0 from (select n, cast(n as varchar) as to_hex_n from (%s) k) j where mod(n, 50) <> 0"
                  .formatted(id, series))
          .param("from", from)
          .param("count", count)
          .param("name", name)
          .update();
    }
    tag(jdbc, from, count, "team", "a", "mod(n, 2) = 0", id, series);
    tag(jdbc, from, count, "rare", "1", "mod(n, 25000) = 2", id, series);
  }

  private static void tag(
      JdbcClient jdbc,
      int from,
      int count,
      String name,
      String content,
      String which,
      String id,
      String series) {
    jdbc.sql(
            "insert into job_tags (job_id, name, content) select %s, :name, :content from (select n, cast(n as varchar) as to_hex_n from (%s) k) j where %s"
                .formatted(id, series, which))
        .param("from", from)
        .param("count", count)
        .param("name", name)
        .param("content", content)
        .update();
  }
}
