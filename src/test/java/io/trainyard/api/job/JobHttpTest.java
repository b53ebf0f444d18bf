package io.trainyard.api.job;

import static io.trainyard.api.job.XorJob.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Jobs as callers see them, trained for real. */
@ServiceTest
@Timeout(90)
class JobHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  @Test
  void submittedJobShowsWhatWasResolved() {
    Answer answer = http.post("/v1/jobs", body(", \"seed\": 5", "")).expect(202);
    JsonNode job = answer.json();
    String path = "/v1/jobs/" + job.get("id").stringValue();
    assertThat(answer.header("Location")).isEqualTo(path);
    assertThat(job.get("kind").stringValue()).isEqualTo("training");
    assertThat(job.get("state").stringValue()).isEqualTo("queued");
    assertThat(job.get("queue_position").intValue()).isEqualTo(1);
    assertThat(job.at("/request/model").stringValue()).isEqualTo("jobs-xor");
    assertThat(job.at("/request/dataset/version").intValue()).isEqualTo(1);
    assertThat(job.at("/request/training/seed").isIntegralNumber()).isTrue();
    assertThat(job.at("/request/resources/pool").stringValue()).isEqualTo("cpu");
    JsonNode done = http.await(path);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    assertThat(done.at("/result/model").stringValue()).isEqualTo("jobs-xor");
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("epochs");
    assertThat(done.get("queue_position").isNull()).isTrue();
    assertThat(done.at("/progress/fraction").doubleValue()).isEqualTo(1);
    assertThat(done.at("/metrics/epoch").intValue()).isEqualTo(20);
    JsonNode version =
        http.get("/v1/models/jobs-xor/versions/" + done.at("/result/version").intValue()).json();
    assertThat(version.at("/provenance/job").stringValue()).isEqualTo(job.get("id").stringValue());
    assertThat(version.at("/metrics/loss").isNumber()).isTrue();
  }

  /**
   * The request has the name alone, and the model of that name may be changed while the job waits.
   */
  @Test
  void theModelOfAJobIsThatOfItsSubmission() {
    String job = http.submit(body("", ""));
    JsonNode model = http.get("/v1/models/jobs-xor").expect(200).json().get("model");
    JsonNode spec = http.get(job + "/spec").expect(200).json();
    assertThat(spec.get("model").stringValue()).isEqualTo("jobs-xor");
    assertThat(spec.get("spec")).isEqualTo(Http.given(model));
    String changed = model.toString().replace("\"tanh\"", "\"relu\"");
    assertThat(changed).isNotEqualTo(model.toString());
    var _ = http.put("/v1/models/jobs-xor", changed).expect(200);
    assertThat(http.get(job + "/spec").expect(200).json()).isEqualTo(spec);
    http.get("/v1/jobs/none/spec").expectProblem(404, "job_not_found");
    var _ = http.await(job);
  }

  @Test
  void sameSeedGivesTheSameWeights() {
    List<String> hashes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      JsonNode done = http.train(body(20));
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
  void metricsAreJsonOrCsv() {
    String path = http.submit(body(20));
    http.await(path);
    JsonNode epochs = http.get(path + "/metrics").json().get("epochs");
    assertThat(epochs.size()).isEqualTo(20);
    assertThat(epochs.get(0).get("epoch").intValue()).isEqualTo(1);
    assertThat(epochs.get(19).propertyNames())
        .contains("epoch", "phase", "loss", "accuracy", "learning_rate", "seconds");
    Answer csv = http.get(path + "/metrics", "Accept", "text/csv");
    assertThat(csv.header("Content-Type")).startsWith("text/csv");
    assertThat(csv.text().lines()).hasSize(21);
    assertThat(csv.text()).startsWith("epoch,phase,loss,accuracy,learning_rate,seconds\r\n1,,");
    assertThat(http.get(path + "/metrics", "Accept", "image/png").status()).isEqualTo(406);
  }

  @Test
  void cancelEndsARunningJobWithoutAVersion() {
    String name =
        body("jobs-xor", "jobs-cancelled").replace("\"epochs\": 20", "\"epochs\": 1000000");
    String path = http.submit(name);
    http.awaitEpoch(path, 1);
    http.post(path + "/cancel").expect(202);
    JsonNode done = http.await(path);
    assertThat(done.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(done.get("result").isNull()).isTrue();
    assertThat(http.get("/v1/models/jobs-cancelled").json().get("latest_version").isNull())
        .isTrue();
    Answer again = http.post(path + "/cancel").expect(200);
    assertThat(again.json().get("state").stringValue()).isEqualTo("cancelled");
    // The worker is free again.
    http.train(body(20));
  }

  @Test
  void stopPublishesTheBestSoFar() {
    String path = http.submit(body(1000000));
    String behind = http.submit(body(20));
    http.awaitEpoch(path, 1);
    assertThat(http.job(behind).get("queue_position").intValue()).isEqualTo(1);
    http.delete(path).expect(409);
    assertThat(http.post(behind + "/stop").json().get("state").stringValue())
        .as("a job that waits has nothing to publish")
        .isEqualTo("cancelled");
    http.post(path + "/stop").expect(202);
    JsonNode done = http.await(path);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("stopped");
    assertThat(done.at("/result/version").intValue()).isPositive();
    http.delete(path).expect(204);
    http.get(path).expect(404);
  }

  @Test
  void changeIsRefusedToACallerWhoSawAnotherState() {
    String path = http.submit(body(20));
    http.await(path);
    String tag = http.get(path).header("ETag");
    assertThat(tag).startsWith("\"");
    assertThat(http.get(path).header("ETag")).isEqualTo(tag);
    http.delete(path, "If-Match", "\"0\"").expect(412);
    http.delete(path, "If-Match", tag).expect(204);
  }

  @Test
  void modelAndVersionsOfAJobThatHasNotEndedCannotBeDeleted() {
    String first = body("jobs-xor", "jobs-needed");
    int version = http.train(first).at("/result/version").intValue();
    String path =
        http.submit(
            first
                .replace(
                    "{\"model\"", "{\"initial_weights\": {\"version\": " + version + "}, \"model\"")
                .replace("\"epochs\": 20", "\"epochs\": 1000000"));
    for (String needed : List.of("", "/versions/" + version)) {
      Answer refused = http.delete("/v1/models/jobs-needed" + needed);
      refused.expectProblem(409, "in_use");
      assertThat(refused.text()).contains(path.substring(path.lastIndexOf('/') + 1));
    }
    http.post(path + "/cancel");
    http.delete("/v1/models/jobs-needed/versions/" + version).expect(204);
    http.delete("/v1/models/jobs-needed").expect(204);
  }

  @Test
  void nonFiniteLossFailsTheJobWithItsPlace() {
    String diverging =
        body("\"learning_rate\": 0.05", "\"learning_rate\": 1e6")
            .replace("\"tanh\"", "\"exponential\"")
            .replace("\"sigmoid\"", "\"linear\"")
            .replace("\"binary_crossentropy\"", "\"mse\"")
            .replace("\"column\": \"y\", \"type\": \"class\"", "\"column\": \"y\"")
            .replace("[\"accuracy\"]", "[]");
    JsonNode done = http.await(http.submit(diverging));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("failed");
    assertThat(done.at("/error/code").stringValue()).isEqualTo("non_finite_loss");
    assertThat(done.at("/error/epoch").intValue()).isPositive();
    assertThat(done.at("/error/step").intValue()).isPositive();
  }

  @Test
  void aliasMovesOnlyThroughItsGate() {
    String strict =
        body(
            "{\"model\"",
            "{\"on_success\": {\"alias\": \"best\", \"when\": {\"loss\": {\"max\": 1e-9}}},"
                + " \"model\"");
    JsonNode done = http.train(strict);
    assertThat(done.at("/result/alias/moved").booleanValue()).isFalse();
    assertThat(done.at("/result/alias/reason").stringValue()).contains("loss is", "1.0E-9");
    done = http.train(strict.replace("1e-9", "1e9"));
    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
    assertThat(http.get("/v1/models/jobs-xor/aliases/best").json().get("version"))
        .isEqualTo(Http.given(done.at("/result/version")));
  }

  @Test
  void initialWeightsAreTakenOver() {
    JsonNode first = http.train(body(20));
    int version = first.at("/result/version").intValue();
    String more =
        body("{\"model\"", "{\"initial_weights\": {\"version\": " + version + "}, \"model\"");
    JsonNode second = http.train(more);
    assertThat(second.at("/request/initial_weights/model").stringValue()).isEqualTo("jobs-xor");
    double began =
        http.get("/v1/jobs/" + id(second) + "/metrics").json().at("/epochs/0/loss").doubleValue();
    assertThat(began).isCloseTo(first.at("/metrics/loss").doubleValue(), within(0.05));
    Answer wrong = http.post("/v1/jobs", more.replace("\"units\": 8", "\"units\": 9"));
    assertThat(wrong.expect(422).pointers()).contains("/initial_weights");
  }

  @Test
  void jobsAreListedInPagesByModelAndState() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(id(http.train(body("jobs-xor", "jobs-listed"))));
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
    http.get("/v1/jobs?state=lost").expect(400);
    http.get("/v1/jobs?model=No+Name").expect(400);
    http.get("/v1/jobs?sweep=x").expect(400);
    assertThat(http.get("/v1/jobs?sweep=" + ids.getFirst()).json().get("jobs").size()).isZero();
    http.get("/v1/jobs/nothing").expect(404);
  }

  @ParameterizedTest
  @CsvSource({"zzz", "AAAA", "MQ", "MDFhMjEyNTY"})
  void pageTokenOfSomebodyElseIsRefused(String token) {
    Answer answer = http.get("/v1/jobs?page_token=" + token).expect(400);
    assertThat(answer.json().get("detail").stringValue()).contains("page_token");
  }

  private static String id(JsonNode job) {
    return job.get("id").stringValue();
  }
}
