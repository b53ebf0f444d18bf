package io.trainyard.attack;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.OwnService;
import io.trainyard.store.backup.ForgedArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Random values in random rows of a real backup: a restore refuses the archive and names the place,
 * or the service answers every GET of what was restored.
 */
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
class EditedRowsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> STREAMS =
      Set.of("/v1/jobs/{job}/events", "/v1/sweeps/{sweep}/events");

  @TempDir private Path source;
  @TempDir private Path target;

  @Test
  @Tag("slow")
  @Timeout(600)
  void editedRowsAreRefusedOrAnswered() throws IOException {
    check(1, 100);
  }

  @Test
  @Tag("attack")
  @Timeout(7_200)
  void manyEditedRowsAreRefusedOrAnswered() throws IOException {
    check(MutatedRequests.seed(), Integer.getInteger("attack.requests", 10_000));
  }

  private void check(long seed, int count) throws IOException {
    List<Operations.Operation> gets;
    byte[] backup;
    try (OwnService service = OwnService.on(source)) {
      Http http = service.http();
      gets =
          Operations.prepare(http).stream()
              .filter(each -> each.method().equals("GET") && !STREAMS.contains(each.path()))
              .filter(each -> !each.path().equals("/v1/backup"))
              .toList();
      backup = http.get("/v1/backup").expect(200).bytes();
    }
    Map<String, byte[]> entries = ForgedArchive.entries(backup);
    List<String> wrong = new ArrayList<>();
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (OwnService service = OwnService.on(target)) {
      Http fresh = service.http();
      JdbcClient jdbc = service.context().getBean(JdbcClient.class);
      List<String> paths = restored(fresh, backup, gets);
      empty(jdbc, requireNonNull(entries.get("backup.json")));
      for (long one = seed; one < seed + count; one++) {
        EditedRow edited = new EditedRow(entries, one);
        Http.Answer answer = fresh.post("/v1/restore", "application/zip", edited.archive());
        statuses.merge(answer.status(), 1, Integer::sum);
        if (answer.status() == 400) {
          if (!answer.text().contains(edited.table()) || !answer.text().contains("expected")) {
            wrong.add(one + ": " + edited.place() + ": " + answer.text());
          }
          continue;
        }
        if (answer.status() != 200) {
          wrong.add(one + ": " + edited.place() + ": " + answer.text());
        }
        for (String path : paths) {
          Http.Answer got = fresh.get(path);
          if (got.status() == 500 && !got.text().contains("corrupt_file")) {
            wrong.add(one + ": " + edited.place() + ": GET " + path + ": " + got.text());
          }
        }
        empty(jdbc, requireNonNull(entries.get("backup.json")));
      }
    }
    assertThat(wrong).as(statuses.toString()).isEmpty();
    assertThat(statuses.keySet()).containsExactly(200, 400);
  }

  /** The paths that answer when nothing was edited, for each job. */
  private static List<String> restored(Http fresh, byte[] backup, List<Operations.Operation> gets) {
    fresh.post("/v1/restore", "application/zip", backup).expect(200);
    List<String> paths = new ArrayList<>();
    for (Operations.Operation get : gets) {
      String target = Operations.target(get);
      paths.add(target);
      String job = get.examples().get("job");
      if (job != null) {
        for (JsonNode other : fresh.get("/v1/jobs?page_size=100").json().get("jobs")) {
          paths.add(target.replace(job, other.get("id").stringValue()));
        }
      }
    }
    List<String> answered =
        paths.stream().distinct().filter(path -> fresh.get(path).status() == 200).toList();
    assertThat(answered).hasSizeGreaterThan(30);
    return answered;
  }

  /** Makes an installation empty again. */
  private static void empty(JdbcClient jdbc, byte[] head) {
    List<String> tables =
        new ArrayList<>(List.copyOf(JSON.readTree(head).get("rows").propertyNames())).reversed();
    tables.remove("access_keys");
    tables.forEach(table -> jdbc.sql("delete from " + table).update());
  }
}
