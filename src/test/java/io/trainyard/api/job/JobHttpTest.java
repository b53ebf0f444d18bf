package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Jobs as callers see them, trained for real. */
@ServiceTest
@Timeout(90)
class JobHttpTest {
  private static final String MODEL =
      """
      {"name": "jobs-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
       "targets": {"y": {"column": "y", "type": "class"}},
       "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"},
                              {"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
      """;

  @LocalServerPort int port;
  Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
    assertThat(http.send("POST", "/v1/samples/xor", new byte[0]).status()).isBetween(200, 201);
  }

  /** The body of a submission with something exchanged. */
  private static String body(String from, String to) {
    String body =
        """
        {"model": %s, "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 20, "batch_size": 2, "seed": 5,
                      "optimizer": {"type": "adam", "learning_rate": 0.05},
                      "metrics": ["accuracy"]}}\
        """
            .formatted(MODEL);
    assertThat(body).contains(from);
    return body.replace(from, to);
  }

  private static String body(int epochs) {
    return body("\"epochs\": 20", "\"epochs\": " + epochs);
  }

  private JsonNode submitted(String body) {
    Answer answer = http.post("/v1/jobs", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.header("Location"))
        .isEqualTo("/v1/jobs/" + answer.json().get("id").stringValue());
    return answer.json();
  }

  private JsonNode finished(String id) throws InterruptedException {
    while (true) {
      JsonNode job = http.get("/v1/jobs/" + id).json();
      if (job.get("done").booleanValue()) {
        return job;
      }
      Thread.sleep(10);
    }
  }

  private void awaitRunning(String id) throws InterruptedException {
    while (!state(id).equals("running")
        || http.get("/v1/jobs/" + id).json().get("metrics").isNull()) {
      Thread.sleep(10);
    }
  }

  private String state(String id) {
    return http.get("/v1/jobs/" + id).json().get("state").stringValue();
  }

  private static String id(JsonNode job) {
    return job.get("id").stringValue();
  }

  @Test
  void submittedJobShowsWhatWasResolved() throws Exception {
    JsonNode job = submitted(body(", \"seed\": 5", ""));
    assertThat(job.get("kind").stringValue()).isEqualTo("training");
    assertThat(job.get("state").stringValue()).isEqualTo("queued");
    assertThat(job.get("queue_position").intValue()).isEqualTo(1);
    assertThat(job.at("/request/model").stringValue()).isEqualTo("jobs-xor");
    assertThat(job.at("/request/dataset/version").intValue()).isEqualTo(1);
    assertThat(job.at("/request/training/seed").isIntegralNumber()).isTrue();
    assertThat(job.at("/request/resources/pool").stringValue()).isEqualTo("cpu");
    JsonNode done = finished(id(job));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    assertThat(done.at("/result/model").stringValue()).isEqualTo("jobs-xor");
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("epochs");
    assertThat(done.get("queue_position").isNull()).isTrue();
    assertThat(done.at("/progress/fraction").doubleValue()).isEqualTo(1);
    assertThat(done.at("/metrics/epoch").intValue()).isEqualTo(20);
    JsonNode version =
        http.get("/v1/models/jobs-xor/versions/" + done.at("/result/version").intValue()).json();
    assertThat(version.at("/provenance/job").stringValue()).isEqualTo(id(job));
    assertThat(version.at("/metrics/loss").isNumber()).isTrue();
  }

  @Test
  void sameSeedGivesTheSameWeights() throws Exception {
    List<String> hashes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      JsonNode done = finished(id(submitted(body(20))));
      byte[] weights =
          http.get(
                  "/v1/models/jobs-xor/versions/"
                      + done.at("/result/version").intValue()
                      + "/weights")
              .bytes();
      hashes.add(java.util.HexFormat.of().formatHex(weights));
    }
    assertThat(hashes.get(0)).isEqualTo(hashes.get(1));
  }

  @Test
  void metricsAreJsonOrCsv() throws Exception {
    JsonNode job = submitted(body(20));
    finished(id(job));
    JsonNode epochs = http.get("/v1/jobs/" + id(job) + "/metrics").json().get("epochs");
    assertThat(epochs.size()).isEqualTo(20);
    assertThat(epochs.get(0).get("epoch").intValue()).isEqualTo(1);
    assertThat(epochs.get(19).propertyNames())
        .contains("epoch", "phase", "loss", "accuracy", "learning_rate", "seconds");
    Answer csv = http.get("/v1/jobs/" + id(job) + "/metrics", "Accept", "text/csv");
    assertThat(csv.header("Content-Type")).startsWith("text/csv");
    assertThat(csv.text().lines()).hasSize(21);
    assertThat(csv.text()).startsWith("epoch,phase,loss,accuracy,learning_rate,seconds\r\n1,,");
    assertThat(http.get("/v1/jobs/" + id(job) + "/metrics", "Accept", "image/png").status())
        .isEqualTo(406);
  }

  @Test
  void cancelEndsARunningJobWithoutAVersion() throws Exception {
    String name =
        body("jobs-xor", "jobs-cancelled").replace("\"epochs\": 20", "\"epochs\": 1000000");
    String id = id(submitted(name));
    awaitRunning(id);
    Answer cancelled = http.post("/v1/jobs/" + id + "/cancel", "");
    assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(202);
    JsonNode done = finished(id);
    assertThat(done.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(done.get("result").isNull()).isTrue();
    assertThat(http.get("/v1/models/jobs-cancelled").json().get("latest_version").isNull())
        .isTrue();
    Answer again = http.post("/v1/jobs/" + id + "/cancel", "");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().get("state").stringValue()).isEqualTo("cancelled");
    // The worker is free again.
    assertThat(finished(id(submitted(body(20)))).get("state").stringValue()).isEqualTo("succeeded");
  }

  @Test
  void stopPublishesTheBestSoFar() throws Exception {
    String id = id(submitted(body(1000000)));
    String behind = id(submitted(body(20)));
    awaitRunning(id);
    assertThat(http.get("/v1/jobs/" + behind).json().get("queue_position").intValue()).isEqualTo(1);
    assertThat(http.delete("/v1/jobs/" + id).status()).isEqualTo(409);
    assertThat(http.post("/v1/jobs/" + behind + "/stop", "").json().get("state").stringValue())
        .as("a job that waits has nothing to publish")
        .isEqualTo("cancelled");
    assertThat(http.post("/v1/jobs/" + id + "/stop", "").status()).isEqualTo(202);
    JsonNode done = finished(id);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("stopped");
    assertThat(done.at("/result/version").intValue()).isPositive();
    assertThat(http.delete("/v1/jobs/" + id).status()).isEqualTo(204);
    assertThat(http.get("/v1/jobs/" + id).status()).isEqualTo(404);
  }

  @Test
  void changeIsRefusedToACallerWhoSawAnotherState() throws Exception {
    String id = id(submitted(body(20)));
    finished(id);
    String path = "/v1/jobs/" + id;
    String tag = http.get(path).header("ETag");
    assertThat(tag).startsWith("\"");
    assertThat(http.get(path).header("ETag")).isEqualTo(tag);
    assertThat(http.delete(path, "If-Match", "\"0\"").status()).isEqualTo(412);
    assertThat(http.delete(path, "If-Match", tag).status()).isEqualTo(204);
  }

  @Test
  void modelAndVersionsOfAJobThatHasNotEndedCannotBeDeleted() throws Exception {
    String first = body("jobs-xor", "jobs-needed");
    int version = finished(id(submitted(first))).at("/result/version").intValue();
    String id =
        id(
            submitted(
                first
                    .replace(
                        "{\"model\"",
                        "{\"initial_weights\": {\"version\": " + version + "}, \"model\"")
                    .replace("\"epochs\": 20", "\"epochs\": 1000000")));
    for (String path : List.of("", "/versions/" + version)) {
      Answer refused = http.delete("/v1/models/jobs-needed" + path);
      assertThat(refused.status()).as(refused.text()).isEqualTo(409);
      assertThat(refused.json().get("code").stringValue()).isEqualTo("in_use");
      assertThat(refused.text()).contains(id);
    }
    http.post("/v1/jobs/" + id + "/cancel", "");
    assertThat(http.delete("/v1/models/jobs-needed/versions/" + version).status()).isEqualTo(204);
    assertThat(http.delete("/v1/models/jobs-needed").status()).isEqualTo(204);
  }

  @Test
  void nonFiniteLossFailsTheJobWithItsPlace() throws Exception {
    String diverging =
        body("\"learning_rate\": 0.05", "\"learning_rate\": 1e6")
            .replace("\"tanh\"", "\"exponential\"")
            .replace("\"sigmoid\"", "\"linear\"")
            .replace("\"binary_crossentropy\"", "\"mse\"")
            .replace("\"column\": \"y\", \"type\": \"class\"", "\"column\": \"y\"")
            .replace("[\"accuracy\"]", "[]");
    JsonNode done = finished(id(submitted(diverging)));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("failed");
    assertThat(done.at("/error/code").stringValue()).isEqualTo("non_finite_loss");
    assertThat(done.at("/error/epoch").intValue()).isPositive();
    assertThat(done.at("/error/step").intValue()).isPositive();
  }

  @Test
  void aliasMovesOnlyThroughItsGate() throws Exception {
    String strict =
        body(
            "{\"model\"",
            "{\"on_success\": {\"alias\": \"best\", \"when\": {\"loss\": {\"max\": 1e-9}}},"
                + " \"model\"");
    JsonNode done = finished(id(submitted(strict)));
    assertThat(done.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(done.at("/result/alias/moved").booleanValue()).isFalse();
    assertThat(done.at("/result/alias/reason").stringValue()).contains("loss is", "1.0E-9");
    done = finished(id(submitted(strict.replace("1e-9", "1e9"))));
    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
    assertThat(http.get("/v1/models/jobs-xor/aliases/best").json().get("version"))
        .isEqualTo(done.at("/result/version"));
  }

  @Test
  void initialWeightsAreTakenOver() throws Exception {
    JsonNode first = finished(id(submitted(body(20))));
    int version = first.at("/result/version").intValue();
    String more =
        body("{\"model\"", "{\"initial_weights\": {\"version\": " + version + "}, \"model\"");
    JsonNode second = finished(id(submitted(more)));
    assertThat(second.at("/request/initial_weights/model").stringValue()).isEqualTo("jobs-xor");
    double began =
        http.get("/v1/jobs/" + id(second) + "/metrics").json().at("/epochs/0/loss").doubleValue();
    assertThat(began).isCloseTo(first.at("/metrics/loss").doubleValue(), within(0.05));
    Answer wrong = http.post("/v1/jobs", more.replace("\"units\": 8", "\"units\": 9"));
    assertThat(wrong.status()).isEqualTo(422);
    assertThat(pointers(wrong)).contains("/initial_weights");
  }

  private static org.assertj.core.data.Offset<Double> within(double offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  @Test
  void jobsAreListedInPagesByModelAndState() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String id = id(submitted(body("jobs-xor", "jobs-listed")));
      ids.addFirst(id);
      finished(id);
    }
    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      JsonNode page =
          http.get("/v1/jobs?model=jobs-listed&state=succeeded&page_size=2&page_token=" + token)
              .json();
      page.get("jobs").forEach(job -> seen.add(id(job)));
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    assertThat(seen).isEqualTo(ids);
    assertThat(http.get("/v1/jobs?model=jobs-listed&state=failed").json().get("jobs").size())
        .isZero();
    assertThat(http.get("/v1/jobs?state=lost").status()).isEqualTo(400);
    assertThat(http.get("/v1/jobs?model=No+Name").status()).isEqualTo(400);
    assertThat(http.get("/v1/jobs?sweep=x").status()).isEqualTo(400);
    assertThat(http.get("/v1/jobs?sweep=" + ids.getFirst()).json().get("jobs").size()).isZero();
    assertThat(http.get("/v1/jobs/nothing").status()).isEqualTo(404);
  }

  @ParameterizedTest(name = "{1} → {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"epochs\": 20                 | \"epochs\": 0                            |"
            + " /training/epochs",
        "\"epochs\": 20                 | \"epochs\": \"20\"                       |"
            + " /training/epochs",
        "\"name\": \"xor\"              | \"name\": \"nothing\"                    | /dataset/name",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"version\": 99       |"
            + " /dataset/version",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"split\": {\"validation\": 0.1} |"
            + " /dataset/split/validation",
        "\"name\": \"xor\"              | \"name\": \"xor\", \"split\": {\"validation\": 1}   |"
            + " /dataset/split",
        "[\"x1\", \"x2\"]               | [\"x1\", \"x3\"]                         |"
            + " /model/inputs/x/columns/1",
        "\"units\": 8                   | \"units\": 0                             |"
            + " /model/network/layers/0/units",
        "\"units\": 1,                  | \"units\": 3,                            |"
            + " /model/network/layers/1/units",
        "\"seed\": 5                    | \"seed\": 5, \"early_stopping\": {\"monitor\":"
            + " \"val_loss\", \"patience\": 3} | /training/early_stopping/monitor",
        "\"seed\": 5                    | \"seed\": 5, \"monitor\": \"val_loss\"   |"
            + " /training/monitor",
        "\"seed\": 5                    | \"seed\": 5, \"publish\": \"best\"       |"
            + " /training/publish",
        "\"seed\": 5                    | \"sede\": 5                              |"
            + " /training/sede",
        "{\"model\"                     | {\"priority\": 101, \"model\"            | /priority",
        "{\"model\"                     | {\"resources\": {\"pool\": \"x\"}, \"model\"       |"
            + " /resources/pool",
        "{\"model\"                     | {\"resources\": {\"device\": \"cuda\"}, \"model\"  |"
            + " /resources/device",
        "{\"model\"                     | {\"on_success\": {\"alias\": \"latest\"}, \"model\" |"
            + " /on_success/alias",
        "{\"model\"                     | {\"on_success\": {\"alias\": \"a\", \"when\":"
            + " {\"val_loss\": {\"min\": 1}}}, \"model\" | /on_success/when/val_loss",
        "{\"model\"                     | {\"initial_weights\": {\"version\": 999}, \"model\" |"
            + " /initial_weights",
        "{\"model\"                     | {\"nonsense\": 1, \"model\"              | /nonsense",
        "\"dataset\": {\"name\": \"xor\"}, | ``                                    | /dataset",
      })
  void whatCannotRunIsRefusedWithItsPlace(String from, String to, String pointer) {
    Answer answer = http.post("/v1/jobs", body(from, to == null ? "" : to));
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(pointers(answer)).as(answer.text()).contains(pointer);
  }

  @Test
  void allFaultsComeAtOnce() {
    String faulty =
        body("\"epochs\": 20", "\"epochs\": 0")
            .replace("\"units\": 8", "\"units\": 0")
            .replace("{\"model\"", "{\"priority\": 999, \"model\"");
    assertThat(pointers(http.post("/v1/jobs", faulty)))
        .contains("/training/epochs", "/model/network/layers/0/units", "/priority");
  }

  @Test
  void modelWithoutTargetsCannotBeTrained() {
    String raw =
        """
        {"model": {"name": "raw", "network": {"inputs": {"x": {"shape": [2]}},
                   "layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "mse", "epochs": 1, "optimizer": {"type": "sgd"}}}
        """;
    Answer answer = http.post("/v1/jobs", raw);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("no_targets");
  }

  @Test
  void jobTooLargeForTheMachineIsRefused() {
    Answer answer = http.post("/v1/jobs", body("\"units\": 8", "\"units\": 2000000000"));
    assertThat(answer.status()).as(answer.text()).isEqualTo(422);
    assertThat(answer.json().get("code").stringValue()).isIn("too_much_memory", "invalid_body");
  }

  @Test
  void whatNeedsTooMuchMemoryIsNamedByItsPlace() {
    String wide =
        MODEL.replace("\"units\": 8", "\"units\": 10000000").replace("jobs-xor", "jobs-wide");
    String rows = "\"batch_size\": 2";
    http.upload("jobs-many", "x1,x2,y\n" + "0,1,1\n1,1,0\n".repeat(5_000));
    String batch = body(MODEL, wide).replace("\"xor\"", "\"jobs-many\"");
    assertTooMuchMemory(batch.replace(rows, "\"batch_size\": 10000"), "/training/batch_size");
    String deep =
        wide.replace("\"layers\": [", "\"layers\": [{\"type\": \"dense\", \"units\": 9999}, ");
    assertTooMuchMemory(body(MODEL, deep), "/model/network");
    http.put("/v1/models/jobs-wide", deep).expect(201);
    assertTooMuchMemory(body(MODEL, "\"jobs-wide\""), "/model");
  }

  private void assertTooMuchMemory(String job, String pointer) {
    Answer answer = http.post("/v1/jobs", job).expect(422);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("too_much_memory");
    assertThat(pointers(answer)).containsExactly(pointer);
  }

  @ParameterizedTest
  @CsvSource({"zzz", "AAAA", "MQ", "MDFhMjEyNTY"})
  void pageTokenOfSomebodyElseIsRefused(String token) {
    Answer answer = http.get("/v1/jobs?page_token=" + token).expect(400);
    assertThat(answer.json().get("detail").stringValue()).contains("page_token");
  }

  @Test
  void faultOfANamedModelIsPlacedAtItsName() {
    assertThat(
            http.put(
                    "/v1/models/jobs-named",
                    MODEL.replace("jobs-xor", "jobs-named").replace("\"x2\"", "\"x9\""))
                .status())
        .isBetween(200, 201);
    Answer answer = http.post("/v1/jobs", body(MODEL, "\"jobs-named\""));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(pointers(answer)).containsOnly("/model");
    assertThat(answer.text()).contains("x9", "/inputs/x/columns/1");
    assertThat(pointers(http.post("/v1/jobs", body(MODEL, "\"unknown\"")))).contains("/model");
  }

  private static List<String> pointers(Answer answer) {
    List<String> pointers = new ArrayList<>();
    answer.json().path("errors").forEach(error -> pointers.add(error.get("pointer").stringValue()));
    return pointers;
  }
}
