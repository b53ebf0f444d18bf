package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.SumNetwork;
import io.trainyard.access.KeyText;
import io.trainyard.access.Scope;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Callers of a service that asks for keys. */
@Timeout(180)
class AccessHttpTest extends KeyedService {
  private static final String INSTANCES = "{\"instances\": [[1, 1]]}";

  @Test
  void spellingsOfAPathGetAroundNoRule() throws IOException {
    Http predicting = with(Scope.PREDICT);
    for (String path :
        List.of(
            "/%61ctuator/prometheus",
            "/actuator;x=y/prometheus",
            "/actuator/health/../prometheus",
            "/actuator/health/%2e%2e/prometheus",
            "/docs/../v1/models",
            "/v1/schema/../models",
            "//v1/models",
            "/v1/%6dodels",
            "/v1;a=b/models",
            "/v1/models/../keys")) {
      String answer = nobody().raw(request("GET", path, ""));
      assertThat(answer).as(path).matches("(?s)HTTP/1.1 4\\d\\d .*").doesNotContain("\"models\"");
    }
    assertThat(nobody().raw(request("GET", "/v1/%6dodels", ""))).startsWith("HTTP/1.1 401 ");
    predicting.get("/%61ctuator/prometheus").expect(403);
    predicting.get("/v1/%6dodels").expect(403);
    predicting.send("HEAD", "/v1/models", new byte[0]).expect(403);
    predicting.send("PROPFIND", "/v1/models", new byte[0]).expect(405);
  }

  @Test
  void otherSpellingsOfOpenPathsAreOpen() throws IOException {
    for (String path :
        List.of("/livez/", "/readyz/", "/favicon.ico/", "/docs.md/", "/livez;a=b/", "//livez//")) {
      assertThat(nobody().raw(request("GET", path, ""))).as(path).startsWith("HTTP/1.1 200 ");
    }
  }

  private static String request(String method, String path, String headers) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n"
        .formatted(method, path, headers);
  }

  @Test
  void otherFormsOfAuthorizationAreRefused() {
    for (String header : List.of("Basic YTpi", "Bearer", "Bearer ", ADMIN_KEY, "Bearer a.b.c")) {
      nobody().get("/v1/models", "Authorization", header).expectProblem(401, "unauthenticated");
    }
    nobody().get("/v1/models", "Authorization", "bearer " + ADMIN_KEY).expect(200);
  }

  @Test
  void metricsNeedAKeyForAllModels() {
    nobody().get("/actuator/health/readiness").expect(200);
    nobody().get("/actuator/info").expect(401);
    with(Scope.READ).get("/actuator/prometheus").expect(200);
    with(Scope.PREDICT).get("/actuator/prometheus").expectProblem(403, "forbidden");
    boundTo("m", Scope.READ).get("/actuator/prometheus").expectProblem(403, "forbidden");
  }

  @Test
  void manyWrongKeysLockNobodyOut() throws Exception {
    SumNetwork.importAs(admin(), "besieged");
    Http caller = with(Scope.PREDICT);
    caller.post("/v1/models/besieged/predict", INSTANCES).expect(200);
    try (var attackers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> attacks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        attacks.add(attackers.submit((Callable<Integer>) this::attack));
      }
      long slowest = 0;
      int answers = 0;
      while (attacks.stream().anyMatch(attack -> !attack.isDone())) {
        long start = System.nanoTime();
        caller.post("/v1/models/besieged/predict", INSTANCES).expect(200);
        slowest = Math.max(slowest, System.nanoTime() - start);
        answers++;
      }
      for (Future<Integer> attack : attacks) {
        assertThat(attack.get()).isEqualTo(2_500);
      }
      assertThat(answers).isGreaterThan(100);
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(10));
    }
    // A key that another process makes is still found.
    with(Scope.READ).get("/v1/models").expect(200);
  }

  /** Sends 2,500 wrong keys, half of them well-formed, and counts the refusals. */
  private int attack() throws IOException {
    int refused = 0;
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 2_500; i++) {
      String key = i % 2 == 0 ? KeyText.random() : "guess" + i;
      requests.append(
          "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n%sAuthorization: Bearer %s\r\n\r\n"
              .formatted(i == 2_499 ? "Connection: close\r\n" : "", key));
      if (i % 50 == 49) {
        // Tomcat ends a connection after 100 requests.
        requests.insert(requests.length() - 2, "Connection: close\r\n");
        String answers = nobody().raw(requests.toString());
        refused += answers.split("HTTP/1.1 401 ", -1).length - 1;
        requests.setLength(0);
      }
    }
    return refused;
  }

  @Test
  void boundKeySeesItsModelAlone() {
    SumNetwork.importAs(admin(), "bound");
    SumNetwork.importAs(admin(), "hidden");
    admin().post("/v1/models/hidden/predict", INSTANCES).expect(200);
    admin().put("/v1/models/hidden/aliases/production", "{\"version\": 1}").expect(200);
    Http caller =
        boundTo(
            "bound",
            Scope.READ,
            Scope.PREDICT,
            Scope.MODELS_WRITE,
            Scope.JOBS_WRITE,
            Scope.ALIASES_WRITE,
            Scope.DATASETS_WRITE);
    caller.post("/v1/models/bound/predict", INSTANCES).expect(200);
    for (String path :
        List.of(
            "/v1/models",
            "/v2/models",
            "/v2/models/stats",
            "/v1/jobs",
            "/v1/sweeps",
            "/v1/jobs?model=hidden")) {
      assertThat(caller.get(path).expect(200).text()).as(path).doesNotContain("hidden");
    }
    assertThat(caller.get("/v1/models").text()).contains("bound");
    assertThat(caller.post("/v2/repository/index").expect(200).text())
        .contains("bound")
        .doesNotContain("hidden");
    for (String model : List.of("hidden", "nowhere")) {
      for (String path :
          List.of("", "/versions", "/versions/1", "/aliases", "/summary", "/versions/1/weights")) {
        caller.get("/v1/models/" + model + path).expectProblem(403, "forbidden");
      }
      caller.post("/v1/models/" + model + "/predict", INSTANCES).expectProblem(403, "forbidden");
      caller.post("/v1/models/" + model + ":predict", INSTANCES).expectProblem(403, "forbidden");
      caller.post("/v2/models/" + model + "/infer", "{}").expect(403);
      caller.post("/v2/repository/models/" + model + "/load").expect(403);
      caller.put("/v1/models/" + model, "{}").expectProblem(403, "forbidden");
      // What a body names is as if it were not there, whether it is or not.
      Answer nested =
          caller.post(
              "/v1/models:validate",
              """
              {"model": {"name": "bound", "network": {"inputs": {"x": {"shape": [2]}},
                "layers": [{"type": "model", "ref": "%s@1"}]}}}\
              """
                  .formatted(model));
      assertThat(nested.expect(200).text()).contains("no model '" + model + "'");
      assertThat(
              caller
                  .post(
                      "/v1/batch-predictions",
                      """
                      {"model": "%s", "dataset": {"name": "xor"}, "result": {"dataset": "leak"}}\
                      """
                          .formatted(model))
                  .expect(422)
                  .text())
          .contains("no model '" + model + "'");
    }
    caller
        .post(
            "/v1/models",
            "{\"name\": \"other\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}},"
                + " \"layers\": [{\"type\": \"activation\", \"function\": \"tanh\"}]}}")
        .expectProblem(403, "forbidden");
  }

  /** A key that may submit jobs cannot do by a job what it may not do alone. */
  @Test
  void batchPredictionNeedsTheScopesOfWhatItDoes() {
    String body =
        "{\"model\": \"absent\", \"dataset\": {\"name\": \"absent\"},"
            + " \"result\": {\"dataset\": \"scoped\"}}";
    String path = "/v1/batch-predictions";
    assertThat(with(Scope.JOBS_WRITE, Scope.DATASETS_WRITE).post(path, body).expect(403).text())
        .contains("A batch prediction needs the scope predict;");
    assertThat(with(Scope.JOBS_WRITE, Scope.PREDICT).post(path, body).expect(403).text())
        .contains("which stores a dataset, needs the scope datasets:write;");
    with(Scope.JOBS_WRITE, Scope.PREDICT, Scope.DATASETS_WRITE).post(path, body).expect(422);
  }

  @Test
  void boundKeySeesItsJobsAlone() {
    admin().sample("xor");
    String job =
        """
        {"model": {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"}%s, "training": {"loss": "binary_crossentropy", "epochs": 1}}\
        """;
    JsonNode hidden = admin().train(job.formatted("hidden-job", ""));
    Http caller = boundTo("bound-job", Scope.READ, Scope.JOBS_WRITE, Scope.MODELS_WRITE);
    String id = hidden.get("id").stringValue();
    for (String path :
        List.of("", "/metrics", "/events", "/evaluation", "?wait=1", "/plots/curves")) {
      caller.get("/v1/jobs/" + id + path).expectProblem(404, "job_not_found");
    }
    caller.post("/v1/jobs/" + id + "/cancel").expectProblem(404, "job_not_found");
    caller.post("/v1/jobs/" + id + "/stop").expectProblem(404, "job_not_found");
    caller.delete("/v1/jobs/" + id).expectProblem(404, "job_not_found");
    String from = ", \"initial_weights\": {\"job\": \"" + id + "\"}";
    assertThat(caller.post("/v1/jobs", job.formatted("bound-job", from)).expect(422).text())
        .contains("There is no job");
    caller.post("/v1/jobs", job.formatted("hidden-job", "")).expectProblem(403, "forbidden");
    String own = caller.train(job.formatted("bound-job", "")).get("id").stringValue();
    assertThat(caller.get("/v1/jobs").json().get("jobs").findValuesAsString("id"))
        .containsExactly(own);
    assertThat(admin().get("/v1/jobs").text()).contains(own, id);
  }

  @Test
  void idempotencyKeysBelongToTheirCaller() {
    String body =
        "{\"name\": \"%s\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}},"
            + " \"layers\": [{\"type\": \"activation\", \"function\": \"tanh\"}]}}";
    String key = UUID.randomUUID().toString();
    Http first = with(Scope.MODELS_WRITE);
    Http second = with(Scope.MODELS_WRITE);
    first.post("/v1/models", body.formatted("keyed-a"), "Idempotency-Key", key).expect(201);
    first.post("/v1/models", body.formatted("keyed-a"), "Idempotency-Key", key).expect(201);
    second
        .post("/v1/models", body.formatted("keyed-a"), "Idempotency-Key", key)
        .expectProblem(409, "already_exists");
    second.post("/v1/models", body.formatted("keyed-b"), "Idempotency-Key", key).expect(201);
    with(Scope.READ)
        .post("/v1/models", body.formatted("keyed-c"), "Idempotency-Key", key)
        .expectProblem(403, "forbidden");
  }

  @Test
  void callerIsLimitedAlone() {
    Http limited =
        as(
            makeKey("\"scopes\": [\"read\"], \"limits\": {\"requests_per_second\": 1}")
                .get("key")
                .stringValue());
    Http other = with(Scope.READ);
    Answer refused = limited.get("/v1/models").expect(200);
    for (int i = 0; i < 100 && refused.status() != 429; i++) {
      refused = limited.get("/v1/models");
    }
    refused.expectProblem(429, "rate_limited");
    other.get("/v1/models").expect(200);
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    Http.pause(Duration.ofMillis(1100));
    limited.get("/v1/models").expect(200);
  }

  @Test
  void pagesOfAllowedOriginsMayShowKeys() throws IOException {
    String allowed =
        nobody()
            .raw(
                request(
                    "OPTIONS",
                    "/v1/models",
                    "Origin: " + ORIGIN + "\r\nAccess-Control-Request-Method: PUT\r\n"));
    assertThat(allowed)
        .startsWith("HTTP/1.1 204 ")
        .contains("Access-Control-Allow-Origin: " + ORIGIN, "Authorization");
    String other =
        nobody()
            .raw(
                request(
                    "OPTIONS",
                    "/v1/models",
                    "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n"));
    assertThat(other).startsWith("HTTP/1.1 401 ").doesNotContain("Access-Control-Allow");
  }

  @Test
  void browsersAreToldNotToGuessAndNotToRun() {
    for (Answer answer : List.of(nobody().get("/v1/models"), admin().get("/v1/models"))) {
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
      assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
      assertThat(answer.header("Content-Security-Policy"))
          .contains("default-src 'none'", "sandbox");
    }
    assertThat(nobody().get("/docs/api").header("Content-Security-Policy"))
        .contains("default-src 'self'")
        .doesNotContain("script-src");
  }

  @Test
  void documentSaysWhichScopeEachOperationNeeds() {
    JsonNode document = nobody().get("/v3/api-docs").json();
    assertThat(document.at("/components/securitySchemes/key/scheme").stringValue())
        .isEqualTo("bearer");
    JsonNode predict = document.at("/paths/~1v1~1models~1{model}~1predict/post");
    assertThat(predict.at("/security/0/key/0").stringValue()).isEqualTo("predict");
    assertThat(predict.at("/responses").propertyNames()).contains("401", "403", "429");
    assertThat(document.at("/paths/~1v2~1health~1live/get/security").isEmpty()).isTrue();
  }
}
