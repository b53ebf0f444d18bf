package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Retries, thinned metrics, events of several jobs, graphs and profiles. */
@ServiceTest
@Timeout(60)
class JobCallsHttpTest {
  @Autowired private Http http;

  private JsonNode trained(int epochs) {
    http.sample("xor");
    return http.train(XorJob.body(epochs));
  }

  @Test
  void retryHasTheSameBitsUntilItIsChanged() {
    JsonNode job = trained(5);
    String path = "/v1/jobs/" + job.get("id").stringValue();
    Http.Answer again = http.post(path + "/retry").expect(202);
    assertThat(again.location()).isEqualTo("/v1/jobs/" + again.json().get("id").stringValue());
    JsonNode same = http.await(again.location());
    assertThat(same.get("request")).isEqualTo(job.get("request"));
    assertThat(same.at("/metrics/loss")).isEqualTo(job.at("/metrics/loss"));
    JsonNode changed =
        http.await(
            http.post(
                    path + "/retry",
                    "{\"changes\": {\"/training/epochs\": 3,"
                        + " \"/model/network/layers/0/units\": 3, \"/training/metrics\": null}}")
                .expect(202)
                .location());
    assertThat(changed.at("/metrics/epoch").intValue()).isEqualTo(3);
    assertThat(changed.get("metrics").has("accuracy")).isFalse();
    int version = changed.at("/result/version").intValue();
    assertThat(
            http.get("/v1/models/jobs-xor/versions/" + version)
                .json()
                .at("/spec/network/layers/0/units")
                .intValue())
        .isEqualTo(3);
    http.put("/v1/models/jobs-xor", XorJob.MODEL).expect(200);
  }

  @Test
  void faultsOfARetryAreInItsChanges() {
    String path = "/v1/jobs/" + trained(2).get("id").stringValue() + "/retry";
    http.post(path, "{\"changes\": {\"/training/epochs\": 0}}")
        .expectFault("/changes/~1training~1epochs", "1");
    http.post(path, "{\"changes\": {\"training\": 1, \"/training/x/y\": 1}}").expect(422);
    assertThat(http.post(path, "{\"changes\": {\"training\": 1, \"/training/x/y\": 1}}").pointers())
        .containsExactly("/changes/training", "/changes/~1training~1x~1y");
    http.post(path, "{\"change\": {}}").expectFault("/change", "nown");
    String running = http.submit(XorJob.body(1_000_000));
    try {
      http.post(running + "/retry").expectProblem(409, "not_finished");
    } finally {
      http.post(running + "/cancel").expect(202);
    }
  }

  @Test
  void sweepIsRetried() {
    http.sample("xor");
    String body =
        """
        {"job": %s, "parameters": {"/training/seed": [1, 2]}, "objective": "loss"}\
        """
            .formatted(XorJob.body(2));
    JsonNode sweep = http.await(http.post("/v1/sweeps", body).expect(202).location());
    Http.Answer again =
        http.post("/v1/jobs/" + sweep.get("id").stringValue() + "/retry").expect(202);
    assertThat(http.await(again.location()).get("state").stringValue()).isEqualTo("succeeded");
  }

  @Test
  void metricsAreThinnedToExtremes() {
    String path = "/v1/jobs/" + trained(50).get("id").stringValue() + "/metrics";
    JsonNode all = http.get(path).expect(200).json();
    assertThat(all.get("epochs")).hasSize(50);
    assertThat(all.get("of").intValue()).isEqualTo(50);
    assertThat(all.get("thinned").booleanValue()).isFalse();
    JsonNode some = http.get(path + "?points=10").expect(200).json();
    assertThat(some.get("epochs")).hasSize(10);
    assertThat(some.get("of").intValue()).isEqualTo(50);
    assertThat(some.get("thinned").booleanValue()).isTrue();
    some.get("epochs")
        .forEach(
            epoch ->
                assertThat(epoch)
                    .isEqualTo(all.at("/epochs/" + (epoch.get("epoch").intValue() - 1))));
    JsonNode part = http.get(path + "?from=11&to=13").expect(200).json();
    assertThat(part.get("epochs")).hasSize(3);
    assertThat(part.get("of").intValue()).isEqualTo(3);
    assertThat(http.get(path + "?points=10", "Accept", "text/csv").text().lines()).hasSize(11);
    JsonNode byLoss = http.get(path + "?points=2&metric=loss").expect(200).json();
    assertThat(byLoss.at("/epochs/0/loss").doubleValue())
        .isEqualTo(
            all.get("epochs")
                .valueStream()
                .mapToDouble(epoch -> epoch.get("loss").doubleValue())
                .max()
                .orElseThrow());
    assertThat(
            http.get(path + "?metric=los")
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains("The newest epoch has no metric 'los'; it has loss");
    http.get(path + "?points=1").expectProblem(400, "invalid_parameter");
    http.get(path + "?from=5&to=4").expectProblem(400, "invalid_parameter");
  }

  @Test
  void eventsOfSeveralJobsResumeWithoutLoss() {
    String first = trained(3).get("id").stringValue();
    String second = trained(4).get("id").stringValue();
    String path = "/v1/events?jobs=" + first + "," + second;
    List<String> all = blocks(http.get(path).expect(200).text());
    assertThat(all.stream().filter(event -> event.contains("event: epoch"))).hasSize(7);
    assertThat(all.stream().filter(event -> event.contains("event: done"))).hasSize(2);
    assertThat(all.stream().filter(event -> event.contains("\"job\":\"" + first + "\"")))
        .isNotEmpty();
    for (int cut = 1; cut < all.size(); cut++) {
      String id = all.get(cut - 1).lines().findFirst().orElseThrow().substring("id: ".length());
      assertThat(id).matches(first + "=[0-9]+," + second + "=[0-9]+");
      List<String> both = new ArrayList<>(all.subList(0, cut));
      both.addAll(blocks(http.get(path, "Last-Event-ID", id).expect(200).text()));
      assertThat(both.stream().map(JobCallsHttpTest::data))
          .containsExactlyInAnyOrderElementsOf(all.stream().map(JobCallsHttpTest::data).toList());
    }
    String last = all.getLast().lines().findFirst().orElseThrow().substring("id: ".length());
    http.get(path, "Last-Event-ID", last).expect(204);
    http.get("/v1/events?jobs=none").expectProblem(400, "invalid_parameter");
    http.get("/v1/events?jobs=01900000-0000-7000-8000-000000000000")
        .expectProblem(404, "job_not_found");
    http.get(path, "Last-Event-ID", "17").expectProblem(400, "invalid_parameter");
  }

  private static List<String> blocks(String stream) {
    return List.of(stream.split("\n\n")).stream()
        .filter(block -> block.startsWith("id: "))
        .toList();
  }

  /** An event without its id, which depends on the order in which jobs had their turns. */
  private static String data(String block) {
    return block.substring(block.indexOf('\n'));
  }

  @Test
  void graphIsDrawn() {
    trained(1);
    JsonNode graph = http.get("/v1/models/jobs-xor/graph").expect(200).json();
    assertThat(graph.get("nodes")).hasSize(3);
    assertThat(graph.at("/nodes/0/type").stringValue()).isEqualTo("input");
    assertThat(graph.at("/nodes/1/shape").toString()).isEqualTo("[8]");
    assertThat(graph.at("/nodes/1/parameters").intValue()).isEqualTo(24);
    assertThat(graph.get("edges")).hasSize(2);
    Http.Answer svg = http.get("/v1/models/jobs-xor/graph", "Accept", "image/svg+xml").expect(200);
    assertThat(svg.contentType()).startsWith("image/svg+xml");
    assertThat(svg.text()).startsWith("<svg ").contains("dense_1");
    String body = "{\"model\": " + XorJob.MODEL + "}";
    assertThat(http.post("/v1/models:validate?graph=true", body).expect(200).json().get("graph"))
        .isEqualTo(graph);
    assertThat(http.post("/v1/models:validate", body).json().has("graph")).isFalse();
  }

  @Test
  void profileHasHistograms() {
    http.upload(
        "profile-rows", "a,t,s\n1,2026-01-01T00:00:00Z,x\n2,2026-01-02T00:00:00Z,x\n4,,y\n");
    JsonNode profile =
        http.get("/v1/datasets/profile-rows/versions/latest/profile").expect(200).json();
    assertThat(profile.get("rows").intValue()).isEqualTo(3);
    JsonNode numbers = profile.at("/columns/0/histogram");
    assertThat(numbers.get("edges")).hasSize(21);
    assertThat(numbers.at("/edges/0").doubleValue()).isEqualTo(1);
    assertThat(numbers.at("/edges/20").doubleValue()).isEqualTo(4);
    assertThat(numbers.at("/counts/0").intValue()).isEqualTo(1);
    assertThat(profile.at("/columns/1/histogram/edges/20").stringValue())
        .isEqualTo("2026-01-02T00:00:00Z");
    assertThat(profile.at("/columns/2/histogram").isNull()).isTrue();
    assertThat(profile.at("/columns/2/top/0/value").stringValue()).isEqualTo("x");
  }
}
