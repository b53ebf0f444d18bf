package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Of many changes that name the same state, one is made and the others are refused. */
@ServiceTest
@Timeout(120)
class PreconditionHttpTest {
  private static final int CALLERS = 30;
  private static final String SPEC =
      """
      {"network": {"inputs": {"x": {"shape": [%d]}}, "layers": [{"type": "dense", "units": 1}]}}\
      """;
  private static final String JOB =
      """
      {"model": {"name": "conditions-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
                 "targets": {"y": {"column": "y", "type": "class"}},
                 "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"},
       "training": {"loss": "binary_crossentropy", "epochs": %d, "batch_size": 2}}\
      """;

  @Autowired private Http http;

  private interface Change {
    Answer make(int caller, String tag);
  }

  /** Sends a change from many callers at once, all with the tag of what is at {@code path}. */
  private void assertOneWins(String path, int loser, Change change) throws Exception {
    String tag = http.get(path).expect(200).header("ETag");
    CountDownLatch start = new CountDownLatch(1);
    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        int number = caller;
        Callable<Answer> call =
            () -> {
              start.await();
              return change.make(number, tag);
            };
        answers.add(callers.submit(call));
      }
      start.countDown();
      for (Future<Answer> answer : answers) {
        statuses.add(answer.get().status());
      }
    }
    assertThat(statuses).filteredOn(status -> status < 300).hasSize(1);
    assertThat(statuses).filteredOn(status -> status >= 300).isSubsetOf(412, loser);
  }

  @Test
  void oneCallerChangesAModel() throws Exception {
    String path = "/v1/models/conditions-model";
    http.put(path, SPEC.formatted(1)).expect(201);
    assertOneWins(
        path, 412, (caller, tag) -> http.put(path, SPEC.formatted(caller + 2), "If-Match", tag));
    assertOneWins(path, 404, (_, tag) -> http.delete(path, "If-Match", tag));
  }

  @Test
  void oneCallerMovesAnAlias() throws Exception {
    for (int version = 0; version < 3; version++) {
      SumNetwork.importAs(http, "conditions-alias");
    }
    String path = "/v1/models/conditions-alias/aliases/production";
    http.put(path, "{\"version\": 1}").expect(200);
    assertOneWins(
        path,
        412,
        (caller, tag) ->
            http.put(path, "{\"version\": " + (2 + caller % 2) + "}", "If-Match", tag));
    http.put(path, "{\"version\": 1}").expect(200);
    http.put(path, "{\"version\": 2}").expect(200);
    assertOneWins(path, 412, (_, tag) -> http.post(path + "/rollback", "", "If-Match", tag));
    assertOneWins(path, 404, (_, tag) -> http.delete(path, "If-Match", tag));
  }

  @Test
  void oneCallerDeletesAVersion() throws Exception {
    SumNetwork.importAs(http, "conditions-version");
    String version = "/v1/models/conditions-version/versions/1";
    String before = http.get(version).header("ETag");
    http.put("/v1/models/conditions-version/aliases/live", "{\"version\": 1}").expect(200);
    http.delete("/v1/models/conditions-version/aliases/live").expect(204);
    http.put("/v1/models/conditions-version/aliases/live", "{\"version\": 1}").expect(200);
    http.delete(version, "If-Match", before).expectProblem(412, "precondition_failed");
    http.delete("/v1/models/conditions-version/aliases/live").expect(204);
    assertOneWins(version, 404, (_, tag) -> http.delete(version, "If-Match", tag));

    http.upload("conditions-rows", "a\n1\n");
    String rows = "/v1/datasets/conditions-rows/versions/1";
    http.delete(rows, "If-Match", "\"x\"").expectProblem(412, "precondition_failed");
    assertOneWins(rows, 404, (_, tag) -> http.delete(rows, "If-Match", tag));

    String key =
        http.post("/v1/keys", "{\"name\": \"conditions\", \"scopes\": [\"read\"]}")
            .expect(201)
            .location();
    http.delete(key, "If-Match", "\"x\"").expectProblem(412, "precondition_failed");
    assertOneWins(key, 404, (_, tag) -> http.delete(key, "If-Match", tag));
  }

  @Test
  void oneCallerEndsAJob() throws Exception {
    http.sample("xor");
    // It holds the slot, so that the others wait and their tags don't change.
    String running = http.submit(JOB.formatted(1_000_000));
    http.awaitEpoch(running, 1);
    String cancelled = http.submit(JOB.formatted(1));
    assertOneWins(
        cancelled, 412, (_, tag) -> http.post(cancelled + "/cancel", "", "If-Match", tag));
    String stopped = http.submit(JOB.formatted(1));
    assertOneWins(stopped, 412, (_, tag) -> http.post(stopped + "/stop", "", "If-Match", tag));
    assertOneWins(stopped, 404, (_, tag) -> http.delete(stopped, "If-Match", tag));
    http.post(running + "/cancel").expect(202);
    http.await(running);
  }
}
