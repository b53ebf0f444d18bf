package io.trainyard.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.SumNetwork;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.Scope;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Keys and the audit log over HTTP. */
@Timeout(60)
class KeyHttpTest extends KeyedService {
  @Autowired private JdbcClient jdbc;
  @Autowired private AccessKeys keys;

  @Test
  void keyIsShownOnceAndStoredAsHash() {
    JsonNode made = makeKey("\"scopes\": [\"read\", \"predict\"], \"models\": [\"b\", \"a\"]");
    String key = made.get("key").stringValue();
    assertThat(key).matches("ty_[0-9a-f]{72}").startsWith(made.get("prefix").stringValue());
    Answer read = admin().get("/v1/keys/" + made.get("id").stringValue()).expect(200);
    assertThat(read.json().has("key")).isFalse();
    assertThat(read.json().get("models").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(read.json().get("created_by").stringValue()).isEqualTo("admin");
    String stored =
        jdbc.sql("select * from access_keys where id = :id")
            .param("id", made.get("id").stringValue())
            .query()
            .singleRow()
            .toString();
    assertThat(stored).doesNotContain(key.substring(20));
    assertThat(admin().get("/v1/audit").text() + admin().get("/v1/keys").text())
        .contains(made.get("id").stringValue())
        .doesNotContain(key);
  }

  @Test
  void deletedKeyEndsAtOnce() {
    JsonNode made = makeKey("\"scopes\": [\"read\"]");
    Http caller = as(made.get("key").stringValue());
    caller.get("/v1/models").expect(200);
    admin().delete("/v1/keys/" + made.get("id").stringValue()).expect(204);
    caller.get("/v1/models").expectProblem(401, "unauthenticated");
    admin().delete("/v1/keys/" + made.get("id").stringValue()).expectProblem(404, "key_not_found");
  }

  @Test
  void keysOfOtherProcessesAreFollowed() {
    JsonNode made = makeKey("\"scopes\": [\"read\"]");
    Http caller = as(made.get("key").stringValue());
    caller.get("/v1/models").expect(200);
    jdbc.sql("delete from access_keys where id = :id")
        .param("id", made.get("id").stringValue())
        .update();
    Instant deadline = Instant.now().plus(Duration.ofSeconds(5));
    while (caller.get("/v1/models").status() == 200) {
      assertThat(Instant.now()).isBefore(deadline);
      Http.pause(Duration.ofMillis(20));
    }
  }

  @Test
  void noKeyIsStoredUnderAnIdempotencyKey() {
    String body = "{\"name\": \"repeated\", \"scopes\": [\"read\"]}";
    admin()
        .post("/v1/keys", body, "Idempotency-Key", "k-1")
        .expectProblem(400, "invalid_parameter");
    assertThat(admin().get("/v1/keys").text()).doesNotContain("\"repeated\"");
  }

  @Test
  void lastUseIsShown() {
    JsonNode made = makeKey("\"scopes\": [\"read\"]");
    String path = "/v1/keys/" + made.get("id").stringValue();
    assertThat(admin().get(path).json().get("last_used_at").isNull()).isTrue();
    Instant before = Instant.now().minusSeconds(1);
    as(made.get("key").stringValue()).get("/v1/models").expect(200);
    String used = admin().get(path).json().get("last_used_at").stringValue();
    assertThat(Instant.parse(used)).isBetween(before, Instant.now().plusSeconds(1));
  }

  @Test
  void badRequestsForKeysNameEveryFault() {
    Answer refused =
        admin()
            .post(
                "/v1/keys",
                """
                {"name": "A B", "scopes": ["read", "write"], "models": [], "expires_at": "2001-01-01T00:00:00Z",
                 "limits": {"requests_per_second": 0, "bandwidth": 1}, "role": "x"}\
                """)
            .expectProblem(422, "invalid_body");
    assertThat(refused.pointers())
        .containsExactlyInAnyOrder(
            "/name",
            "/scopes/1",
            "/models",
            "/expires_at",
            "/limits/requests_per_second",
            "/limits/bandwidth",
            "/role");
    admin().post("/v1/keys", "{\"name\": \"x\"}").expectFault("/scopes", "datasets:write");
    admin()
        .post("/v1/keys", "{\"name\": \"x\", \"scopes\": [\"admin\"], \"models\": [\"m\"]}")
        .expectFault("/models", "all models");
    admin()
        .post("/v1/keys", "{\"name\": \"x\", \"scopes\": [\"read\"], \"expires_at\": \"tomorrow\"}")
        .expectFault("/expires_at", "2030-01-31T12:00:00Z");
  }

  /** The key in the operator's variable comes in again. */
  @Test
  void administratorIsRevoked() {
    JsonNode made = makeKey("\"scopes\": [\"admin\"]");
    String path = "/v1/keys/" + made.get("id").stringValue();
    as(made.get("key").stringValue()).delete(path).expect(204);
    as(made.get("key").stringValue()).get("/v1/keys").expectProblem(401, "unauthenticated");
  }

  @Test
  void auditLogNamesWhatWasChangedHoweverItWasSpelled() {
    SumNetwork.importAs(admin(), "spelled");
    admin().put("/v1/models/%73pelled/aliases/production", "{\"version\": 1}").expect(200);
    admin().put("/v1/models/spelled;a=b/aliases/production", "{\"version\": 1}").expect(200);
    JsonNode entries =
        admin()
            .get("/v1/audit?resource=/v1/models/spelled/aliases/production")
            .expect(200)
            .json()
            .get("entries");
    assertThat(entries.findValuesAsString("operation"))
        .containsExactly(
            "PUT /v1/models/{model}/aliases/{alias}",
            "PUT /v1/models/{model}/aliases/{alias}",
            "alias.moved");
  }

  @Test
  void keysAreListedInPages() {
    makeKey("\"scopes\": [\"read\"]");
    makeKey("\"scopes\": [\"read\"]");
    makeKey("\"scopes\": [\"read\"]");
    Set<String> seen = new HashSet<>();
    String token = "";
    do {
      JsonNode page = admin().get("/v1/keys?page_size=2&page_token=" + token).expect(200).json();
      page.get("keys").forEach(key -> assertThat(seen.add(key.get("id").stringValue())).isTrue());
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    assertThat(seen).hasSize(keys.list().size());
    admin().get("/v1/keys?page_token=bm8").expectProblem(400, "invalid_parameter");
  }

  @Test
  void auditLogTellsWhoChangedWhatFromWhatToWhat() {
    SumNetwork.importAs(admin(), "audited");
    SumNetwork.importAs(admin(), "audited");
    JsonNode made = makeKey("\"scopes\": [\"aliases:write\", \"read\"]");
    Http caller = as(made.get("key").stringValue());
    String path = "/v1/models/audited/aliases/production";
    caller.put(path, "{\"version\": 1}").expect(200);
    caller.put(path, "{\"version\": 7}").expect(422);
    caller.put(path, "{\"version\": 2}").expect(200);
    caller.delete(path).expect(204);
    caller.delete("/v1/models/audited").expect(403);
    JsonNode entries =
        admin()
            .get("/v1/audit?resource=/v1/models/audited/aliases")
            .expect(200)
            .json()
            .get("entries");
    assertThat(entries.size()).isEqualTo(4);
    JsonNode granted = entries.get(3);
    assertThat(granted.get("operation").stringValue()).isEqualTo("alias.moved");
    assertThat(granted.at("/by/name").stringValue()).isEqualTo("admin");
    assertThat(granted.get("before").isNull()).isTrue();
    assertThat(granted.get("after")).isEqualTo(entries.get(2).get("before"));
    JsonNode moved = entries.get(1);
    assertThat(moved.at("/by/id")).isEqualTo(Http.given(made.get("id")));
    assertThat(moved.at("/by/name")).isEqualTo(Http.given(made.get("name")));
    assertThat(moved.get("operation").stringValue())
        .isEqualTo("PUT /v1/models/{model}/aliases/{alias}");
    assertThat(moved.get("resource").stringValue()).isEqualTo(path);
    assertThat(moved.at("/before/version").intValue()).isEqualTo(1);
    assertThat(moved.at("/after/version").intValue()).isEqualTo(2);
    assertThat(entries.get(0).at("/before/version").intValue()).isEqualTo(2);
    assertThat(entries.get(0).get("after").isNull()).isTrue();
    JsonNode page =
        admin()
            .get("/v1/audit?page_size=2&caller=" + made.get("id").stringValue())
            .expect(200)
            .json();
    assertThat(page.get("entries").size()).isEqualTo(2);
    JsonNode rest =
        admin()
            .get(
                "/v1/audit?page_size=2&caller=%s&page_token=%s"
                    .formatted(
                        made.get("id").stringValue(), page.get("next_page_token").stringValue()))
            .json();
    assertThat(rest.get("entries").size()).isEqualTo(1);
    assertThat(rest.get("next_page_token").stringValue()).isEmpty();
    // The history of an alias names its mover too.
    caller.put(path, "{\"version\": 1}").expect(200);
    assertThat(caller.get(path + "/history").json().at("/entries/0/by"))
        .isEqualTo(Http.given(made.get("name")));
  }

  @Test
  void jobsKeepQuotaOfTheirCaller() {
    admin().sample("xor");
    Http caller =
        as(
            makeKey(
                    "\"scopes\": [\"jobs:write\", \"models:write\", \"datasets:write\", \"read\"],"
                        + " \"limits\": {\"unfinished_jobs\": 1, \"stored_bytes\": 100}")
                .get("key")
                .stringValue());
    String model =
        """
        {"name": "quota", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
        """;
    String job =
        """
        {"model": "quota", "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 1000000}}\
        """;
    caller.put("/v1/models/quota", model).expectProblem(429, "quota_exceeded");
    caller.post("/v1/jobs", job.replace("\"quota\"", model)).expectProblem(429, "quota_exceeded");
    admin().put("/v1/models/quota", model).expect(201);
    String first = caller.submit(job);
    Answer refused = caller.post("/v1/jobs", job).expectProblem(429, "quota_exceeded");
    assertThat(refused.header("Retry-After")).isNotEmpty();
    caller.post(first + "/cancel").expect(202);
    String second = caller.submit(job);
    caller.post(second + "/cancel").expect(202);
    byte[] rows = Http.utf8("a,b\n" + "1,2\n".repeat(20));
    caller.post("/v1/datasets?name=quota", "text/csv", rows).expect(201);
    caller
        .post("/v1/datasets?name=quota", "text/csv", Http.utf8("a,b\n" + "2,3\n".repeat(20)))
        .expectProblem(429, "quota_exceeded");
    Answer bytes =
        caller.post("/v1/datasets?name=quota", "text/csv", Http.utf8("b\n" + "1\n".repeat(99)));
    assertThat(bytes.expect(429).header("Retry-After")).as("waiting frees no bytes").isEmpty();
    caller.delete("/v1/datasets/quota/versions/1").expect(204);
    caller
        .post("/v1/datasets?name=quota", "text/csv", Http.utf8("a,b\n" + "2,3\n".repeat(20)))
        .expect(201);
  }

  @Test
  void bodyWithoutDeclaredLengthKeepsTheQuotaOfBytes() throws IOException {
    String key =
        makeKey("\"scopes\": [\"datasets:write\"], \"limits\": {\"stored_bytes\": 100}")
            .get("key")
            .stringValue();
    String rows = "a,b\n" + "1,2\n".repeat(100);
    String request =
        """
        POST /v1/datasets?name=chunked HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: text/csv\r
        Transfer-Encoding: chunked\r
        Connection: close\r
        \r
        %x\r
        %s\r
        0\r
        \r
        """
            .formatted(key, rows.length(), rows);
    // The caller listens to the end: an upload whose caller has left is given up.
    try (Socket socket = nobody().open(request)) {
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains(" 429 ", "quota_exceeded");
    }
    admin().get("/v1/datasets/chunked").expect(404);
  }

  /** The body is not sent: neither way may wait for it. */
  @Test
  void uploadIsRefusedBeforeItsBodyUnderAnIdempotencyKeyToo() throws IOException {
    String full =
        makeKey("\"scopes\": [\"datasets:write\"], \"limits\": {\"stored_bytes\": 100}")
            .get("key")
            .stringValue();
    String bound =
        makeKey("\"scopes\": [\"datasets:write\"], \"datasets\": [\"a.*\"]")
            .get("key")
            .stringValue();
    String request =
        """
        POST /v1/datasets?name=%s HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: text/csv\r
        Content-Length: 1000\r
        %sConnection: close\r
        \r
        a\
        """;
    for (String header : List.of("", "Idempotency-Key: early\r\n")) {
      assertThat(nobody().raw(request.formatted("early", full, header)))
          .as(header)
          .contains(" 429 ", "quota_exceeded");
      assertThat(nobody().raw(request.formatted("b.early", bound, header)))
          .as(header)
          .contains(" 403 ", "forbidden");
    }
    // A retry gets its answer, though there would be no room for a second one.
    byte[] rows = Http.utf8("a,b\n" + "1,2\n".repeat(20));
    for (int i = 0; i < 2; i++) {
      as(full)
          .send(
              "POST",
              "/v1/datasets?name=retried",
              rows,
              "Content-Type",
              "text/csv",
              "Idempotency-Key",
              "retried")
          .expect(201);
    }
  }

  /** Each of them alone has room. */
  @Test
  void uploadsAtTheSameTimeKeepTheQuotaOfBytes() throws InterruptedException {
    String key =
        makeKey("\"scopes\": [\"datasets:write\"], \"limits\": {\"stored_bytes\": 100}")
            .get("key")
            .stringValue();
    AtomicInteger stored = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              byte[] rows = Http.utf8("a,b\n" + (i + ",2222\n").repeat(10));
                              Answer answer =
                                  as(key).post("/v1/datasets?name=edge" + i, "text/csv", rows);
                              stored.addAndGet(answer.status() == 201 ? 1 : 0);
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(stored).hasValue(1);
  }

  @Test
  void nothingIsQueuedOnceTheQuotaOfBytesIsUsedUp() {
    Http caller =
        as(
            makeKey(
                    "\"scopes\": [\"jobs:write\", \"datasets:write\"],"
                        + " \"limits\": {\"stored_bytes\": 1000000}")
                .get("key")
                .stringValue());
    caller.post("/v1/datasets?name=full", "text/csv", Http.utf8("a,b\n1,2\n")).expect(201);
    caller.post("/v1/jobs", "{}").expect(422);
    jdbc.sql("update dataset_versions set stored_bytes = 1000000 where name = 'full'").update();
    for (String path : List.of("/v1/jobs", "/v1/sweeps", "/v1/batch-predictions")) {
      caller.post(path, "{}").expectProblem(429, "quota_exceeded");
    }
  }

  @Test
  void jobNeedsTheScopesOfAllThatItDoes() {
    Http trainer = with(Scope.JOBS_WRITE, Scope.READ);
    String job =
        """
        {"model": %s, "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 1}%s}\
        """;
    String model =
        """
        {"name": "scoped", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
        """;
    admin().sample("xor");
    admin().put("/v1/models/scoped", model).expect(201);
    assertThat(
            trainer
                .post("/v1/jobs", job.formatted(model, ""))
                .expectProblem(403, "forbidden")
                .text())
        .contains("models:write");
    String moves = ", \"on_success\": {\"alias\": \"production\"}";
    assertThat(
            trainer
                .post("/v1/jobs", job.formatted("\"scoped\"", moves))
                .expectProblem(403, "forbidden")
                .text())
        .contains("aliases:write");
    trainer.train(job.formatted("\"scoped\"", ""));
  }

  @Test
  void batchPredictionNeedsTheScopesOfAllThatItDoes() {
    SumNetwork.importAs(admin(), "batch-scoped");
    String body =
        """
        {"model": "batch-scoped", "dataset": {"name": "none"}, "result": {"dataset": "other"}}\
        """;
    assertThat(predictions(body, Scope.JOBS_WRITE).expectProblem(403, "forbidden").text())
        .contains("scope predict;");
    assertThat(
            predictions(body, Scope.JOBS_WRITE, Scope.PREDICT)
                .expectProblem(403, "forbidden")
                .text())
        .contains("scope datasets:write;");
    predictions(body, Scope.JOBS_WRITE, Scope.PREDICT, Scope.DATASETS_WRITE)
        .expectFault("/dataset", "no dataset 'none'");
  }

  @Test
  void jobIsNoMoreUrgentThanItsKeyMayAsk() {
    admin().sample("xor");
    String job =
        """
        {"model": {"name": "urgent", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor", "split": {"validation": 0.5}}, "priority": %d,
         "training": {"loss": "binary_crossentropy", "epochs": 1}}\
        """;
    String scopes =
        "\"scopes\": [\"jobs:write\", \"models:write\", \"read\", \"predict\", \"datasets:write\"]";
    Http plain = as(makeKey(scopes).get("key").stringValue());
    JsonNode key = makeKey(scopes + ", \"max_priority\": 5");
    assertThat(key.get("max_priority").intValue()).isEqualTo(5);
    Http urgent = as(key.get("key").stringValue());
    plain.train(job.formatted(0));
    urgent.train(job.formatted(5));
    admin().train(job.formatted(100));
    String sweep =
        "{\"job\": %s, \"parameters\": {\"/training/batch_size\": [1, 2]}}"
            .formatted(job.formatted(1));
    String batch =
        "{\"model\": \"urgent\", \"dataset\": {\"name\": \"xor\"}, \"priority\": 1,"
            + " \"result\": {\"dataset\": \"urgent\"}}";
    for (Answer refused :
        List.of(
            plain.post("/v1/jobs", job.formatted(1)),
            urgent.post("/v1/jobs", job.formatted(6)),
            plain.post("/v1/sweeps", sweep),
            plain.post("/v1/batch-predictions", batch))) {
      assertThat(refused.expectProblem(403, "forbidden").text()).contains("max_priority");
    }
  }

  @Test
  void administratorIsNotBound() {
    Answer bound =
        admin()
            .post(
                "/v1/keys",
                "{\"name\": \"x\", \"scopes\": [\"admin\"], \"datasets\": [\"d\"],"
                    + " \"max_priority\": 1}")
            .expectProblem(422, "invalid_body");
    assertThat(bound.pointers()).containsExactlyInAnyOrder("/datasets", "/max_priority");
    Answer refused =
        admin()
            .post(
                "/v1/keys",
                "{\"name\": \"x\", \"scopes\": [\"read\"], \"datasets\": [\"a*b\", \"A\"],"
                    + " \"models\": [\"*a\"], \"max_priority\": 101}")
            .expectProblem(422, "invalid_body");
    assertThat(refused.pointers())
        .containsExactlyInAnyOrder("/datasets/0", "/datasets/1", "/models/0", "/max_priority");
  }

  private Answer predictions(String body, Scope... scopes) {
    return with(scopes).post("/v1/batch-predictions", body);
  }

  @Test
  void sweepNeedsTheScopesOfAllThatItDoes() {
    String model =
        """
        {"name": "sweep-scoped", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
        """;
    String sweep =
        """
        {"job": {"model": %s, "dataset": {"name": "xor"},
          "training": {"loss": "binary_crossentropy", "epochs": 1}%s},
         "parameters": {"/training/batch_size": [1, 2]}, "cross_validation": 2, "objective": "val_loss"}\
        """;
    admin().sample("xor");
    admin().put("/v1/models/sweep-scoped", model).expect(201);
    String moves = ", \"on_success\": {\"alias\": \"production\"}";
    assertThat(sweeps(sweep.formatted(model, "")).expectProblem(403, "forbidden").text())
        .contains("models:write");
    assertThat(
            sweeps(sweep.formatted("\"sweep-scoped\"", moves))
                .expectProblem(403, "forbidden")
                .text())
        .contains("aliases:write");
    sweeps(sweep.formatted("\"sweep-scoped\"", "")).expect(202);
  }

  private Answer sweeps(String body) {
    return with(Scope.JOBS_WRITE).post("/v1/sweeps", body);
  }

  @Test
  void whatACallerMadeIsFoundByItsNameAndItsId() {
    JsonNode key = makeKey("\"scopes\": [\"admin\"]");
    JsonNode other = makeKey("\"scopes\": [\"admin\"]");
    String token =
        ISSUER.token(
            claims ->
                claims
                    .issuer(ISSUER.url())
                    .subject("maker-7")
                    .claim("name", "Ada")
                    .claim("scope", "admin")
                    .claim("models", List.of("*"))
                    .claim("datasets", List.of("*")));
    Map<String, Http> callers =
        Map.of(
            key.get("id").stringValue(),
            as(key.get("key").stringValue()),
            other.get("id").stringValue(),
            as(other.get("key").stringValue()),
            "oidc:maker-7",
            as(token));
    callers.forEach(
        (id, caller) -> {
          String name = "made-" + UUID.randomUUID();
          caller.upload(name, "x,y\n1,2\n3,4\n5,6\n7,8\n");
          caller.train(line(name));
          String owner = caller.get("/v1/models/" + name).json().get("owner").stringValue();
          for (String asked : List.of(id, owner)) {
            String query = "?page_size=500&owner=" + URLEncoder.encode(asked, UTF_8);
            onlyOf(owner, "/v1/datasets" + query, "datasets", "name", name);
            onlyOf(owner, "/v1/datasets/" + name + "/versions" + query, "versions", "version", "1");
            onlyOf(owner, "/v1/models" + query, "models", "name", name);
            onlyOf(owner, "/v1/models/" + name + "/versions" + query, "versions", "version", "1");
            for (String order : List.of("", "&order_by=created_at", "&order_by=-state")) {
              onlyOf(owner, "/v1/jobs" + query + order, "jobs", "model", name);
            }
          }
          String called = caller.get("/v1/me").expect(200).json().get("caller").stringValue();
          for (String asked : List.of(id, called)) {
            JsonNode entries =
                admin()
                    .get("/v1/audit?page_size=500&caller=" + URLEncoder.encode(asked, UTF_8))
                    .expect(200)
                    .json()
                    .get("entries");
            assertThat(entries).isNotEmpty();
            assertThat(entries).allMatch(entry -> entry.at("/by/id").stringValue().equals(id));
          }
        });
    admin()
        .post("/v1/keys", "{\"name\": \"anonymous\", \"scopes\": [\"read\"]}")
        .expectFault("/name", "without a key");
  }

  private static String line(String name) {
    return """
      {"model": {"name": "%s", "inputs": {"x": {"columns": ["x"]}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "dense", "units": 1}]}},
       "dataset": {"name": "%s"},
       "training": {"loss": "mse", "epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 0.01}}}\
      """
        .formatted(name, name);
  }

  private void onlyOf(String owner, String list, String kind, String member, String value) {
    JsonNode things = admin().get(list).expect(200).json().get(kind);
    assertThat(things).as(list).isNotEmpty();
    for (JsonNode thing : things) {
      assertThat(thing.get("owner").stringValue()).as(list).isEqualTo(owner);
    }
    assertThat(things).as(list).anyMatch(thing -> thing.get(member).asString().equals(value));
  }
}
