package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Descriptions, tags and archives, and lists that are asked for them. */
@ServiceTest
@Timeout(60)
class LabelsHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
         "targets": {"y": {"column": "y", "type": "class"}},
         "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"},
       "training": {"loss": "binary_crossentropy", "epochs": 2, "seed": %d,
         "optimizer": {"type": "sgd", "learning_rate": 0.5}}}\
      """;

  @Autowired private Http http;

  private Http.Answer patch(String path, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of("Content-Type", "application/merge-patch+json"));
    all.addAll(List.of(headers));
    return http.send("PATCH", path, Http.utf8(body), all.toArray(String[]::new));
  }

  private List<String> listed(String path, String kind, String member) {
    return http.get(path)
        .expect(200)
        .json()
        .get(kind)
        .valueStream()
        .map(each -> each.get(member).asString())
        .toList();
  }

  @Test
  void patchMergesIntoWhatIsThere() {
    http.sample("xor");
    http.upload("labels-rows", "a,b\n1,2\n3,4\n");
    for (String path :
        List.of("/v1/datasets/labels-rows", "/v1/datasets/labels-rows/versions/latest")) {
      JsonNode first =
          patch(path, "{\"description\": \"Two rows\", \"tags\": {\"team\": \"a\", \"x\": \"1\"}}")
              .expect(200)
              .json();
      assertThat(first.get("description").stringValue()).isEqualTo("Two rows");
      assertThat(first.get("archived").booleanValue()).isFalse();
      JsonNode second = patch(path, "{\"tags\": {\"x\": null, \"y\": \"\"}}").expect(200).json();
      assertThat(second.get("description").stringValue()).isEqualTo("Two rows");
      assertThat(second.get("tags").toString()).isEqualTo("{\"team\":\"a\",\"y\":\"\"}");
      assertThat(http.get(path).json()).isEqualTo(second);
      JsonNode third = patch(path, "{\"description\": null, \"tags\": null}").expect(200).json();
      assertThat(third.get("description").isNull()).isTrue();
      assertThat(third.get("tags")).isEmpty();
    }
  }

  @Test
  void patchHonoursTheStateThatTheCallerHasSeen() {
    http.sample("xor");
    http.train(JOB.formatted("labels-seen", 1));
    http.upload("labels-seen", "a,b\n1,2\n");
    for (String path :
        List.of(
            "/v1/datasets/labels-seen",
            "/v1/datasets/labels-seen/versions/1",
            "/v1/models/labels-seen",
            "/v1/models/labels-seen/versions/1")) {
      String seen = http.get(path).expect(200).header("ETag");
      String body = "{\"description\": \"seen\"}";
      patch(path, body, "If-Match", "\"other\"").expect(412);
      String changed = patch(path, body, "If-Match", seen).expect(200).header("ETag");
      assertThat(changed).isNotEqualTo(seen).isEqualTo(http.get(path).header("ETag"));
      patch(path, body, "If-Match", seen).expect(412);
    }
  }

  @Test
  void timesAndPlacesThatNoListHasAreRefused() {
    for (String query :
        List.of(
            "/v1/jobs?created_after=%2B999999999-12-31T23:59:59Z",
            "/v1/models?created_after=-999999999-01-01T00:00:00Z",
            "/v1/workers?page_token=LTU",
            "/v1/workers?page_token=LTkyMjMzNzIwMzY4NTQ3NzU4MDg")) {
      http.get(query).expectProblem(400, "invalid_parameter");
    }
    http.get("/v1/datasets?page_token=NS4tNQ&order_by=created_at").expect(200);
  }

  @Test
  void everyFaultOfAPatchIsNamed() {
    http.upload("labels-faults", "a,b\n1,2\n");
    Http.Answer answer =
        patch(
            "/v1/datasets/labels-faults",
            "{\"description\": 1, \"archived\": \"yes\", \"tags\": {\"a b\": \"1\", \"n\": 3},"
                + " \"name\": \"x\"}");
    answer.expect(422);
    assertThat(answer.pointers())
        .containsExactlyInAnyOrder("/description", "/archived", "/tags/a b", "/tags/n", "/name");
    patch("/v1/datasets/labels-none", "{}").expectProblem(404, "dataset_not_found");
  }

  @Test
  void jobsAndVersionsAreFoundAgain() {
    http.sample("xor");
    List<JsonNode> jobs = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      jobs.add(http.train(JOB.formatted("labels-found", seed)));
    }
    String list = "/v1/jobs?model=labels-found";
    String first = jobs.get(0).get("id").stringValue();
    String second = jobs.get(1).get("id").stringValue();
    String third = jobs.get(2).get("id").stringValue();
    assertThat(listed(list, "jobs", "id")).containsExactly(third, second, first);
    // By tag, and by several.
    patch("/v1/jobs/" + first, "{\"tags\": {\"team\": \"a,b\", \"k\": \"1\"}}").expect(200);
    patch("/v1/jobs/" + second, "{\"tags\": {\"team\": \"a,b\"}}").expect(200);
    assertThat(listed("/v1/jobs?tag=team:a,b", "jobs", "id")).containsExactly(second, first);
    assertThat(listed(list + "&tag=team:a,b&tag=k:1", "jobs", "id")).containsExactly(first);
    assertThat(listed("/v1/jobs?tag=team:b", "jobs", "id")).isEmpty();
    // By time.
    String at = jobs.get(1).get("created_at").stringValue();
    assertThat(listed(list + "&created_after=" + at, "jobs", "id")).containsExactly(third);
    // Archived ones are left out unless they are asked for.
    patch("/v1/jobs/" + third, "{\"archived\": true}").expect(200);
    assertThat(listed(list, "jobs", "id")).containsExactly(second, first);
    assertThat(listed(list + "&archived=true", "jobs", "id")).containsExactly(third);
    assertThat(listed(list + "&archived=any", "jobs", "id")).containsExactly(third, second, first);
    // By what they measured, page by page.
    for (String metric : List.of("loss", "best.loss", "started_at", "state")) {
      List<String> up = pages(list + "&archived=any&order_by=" + metric, "jobs", "id");
      List<String> down = pages(list + "&archived=any&order_by=-" + metric, "jobs", "id");
      assertThat(up).containsExactlyInAnyOrder(first, second, third);
      assertThat(down).isEqualTo(up.reversed());
    }
    List<Double> losses = new ArrayList<>();
    http.get(list + "&archived=any&order_by=loss")
        .json()
        .get("jobs")
        .forEach(job -> losses.add(job.at("/metrics/loss").doubleValue()));
    assertThat(losses).hasSize(3).isSorted();
    List<Double> ofVersions = new ArrayList<>();
    http.get("/v1/models/labels-found/versions?order_by=-loss")
        .expect(200)
        .json()
        .get("versions")
        .forEach(version -> ofVersions.add(-version.at("/metrics/loss").doubleValue()));
    assertThat(ofVersions).hasSize(3).isSorted();
    patch("/v1/models/labels-found/versions/2", "{\"tags\": {\"k\": \"v\"}}").expect(200);
    assertThat(listed("/v1/models/labels-found/versions?tag=k:v", "versions", "version"))
        .containsExactly("2");
    // A deleted job leaves nothing.
    http.delete("/v1/jobs/" + first).expect(204);
    assertThat(listed("/v1/jobs?tag=k:1", "jobs", "id")).isEmpty();
  }

  /** All things of a list, read one by one. */
  private List<String> pages(String list, String kind, String member) {
    List<String> all = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = http.get(list + "&page_size=1&page_token=" + token).expect(200).json();
      page.get(kind).forEach(each -> all.add(each.get(member).asString()));
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    return all;
  }

  @Test
  void modelsAreSortedAndTheirStateHasATag() {
    for (String name : List.of("labels-b", "labels-a", "labels-c")) {
      http.post(
              "/v1/models",
              "{\"name\": \"%s\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}}, \"layers\": [{\"type\": \"dense\", \"units\": 1}]}}"
                  .formatted(name))
          .expect(201);
      patch("/v1/models/" + name, "{\"tags\": {\"kind\": \"labels\"}}").expect(200);
    }
    String list = "/v1/models?tag=kind:labels";
    assertThat(listed(list, "models", "name")).containsExactly("labels-c", "labels-a", "labels-b");
    assertThat(pages(list + "&order_by=name", "models", "name"))
        .containsExactly("labels-a", "labels-b", "labels-c");
    assertThat(pages(list + "&order_by=-name", "models", "name"))
        .containsExactly("labels-c", "labels-b", "labels-a");
    String tag = http.get("/v1/models/labels-a").header("ETag");
    patch("/v1/models/labels-a", "{\"description\": \"x\"}", "If-Match", tag).expect(200);
    patch("/v1/models/labels-a", "{\"description\": \"y\"}", "If-Match", tag)
        .expectProblem(412, "precondition_failed");
    assertThat(http.get("/v1/models/labels-a").json().get("description").stringValue())
        .isEqualTo("x");
  }

  private static String labelled(String body, String members) {
    return body.strip().replaceFirst("}$", members + "}");
  }

  private JsonNode labels(JsonNode thing) {
    return Http.given(thing.get("tags"));
  }

  @Test
  void jobsHaveLabelsFromTheBodyThatCreatesThem() {
    http.sample("xor");
    String labels = ", \"description\": \"first\", \"tags\": {\"born\": \"1\", \"kept\": \"a\"}";
    String job = JOB.formatted("labels-born", 1);
    JsonNode trained = http.train(labelled(job, labels));
    assertThat(trained.get("description").stringValue()).isEqualTo("first");
    assertThat(trained.get("tags").toString()).isEqualTo("{\"born\":\"1\",\"kept\":\"a\"}");
    String path = "/v1/jobs/" + trained.get("id").stringValue();
    assertThat(listed("/v1/jobs?tag=born:1&tag=kept:a", "jobs", "id"))
        .containsExactly(trained.get("id").stringValue());

    // A retry has them as it has the rest of the request; a change of it changes them.
    patch(path, "{\"tags\": {\"kept\": \"b\"}}").expect(200);
    JsonNode again =
        http.post(path + "/retry", "{\"changes\": {\"/tags/born\": \"2\", \"/description\": null}}")
            .expect(202)
            .json();
    assertThat(again.get("tags").toString()).isEqualTo("{\"born\":\"2\",\"kept\":\"a\"}");
    assertThat(again.get("description").isNull()).isTrue();

    String prediction =
        "{\"model\": \"labels-born\", \"dataset\": {\"name\": \"xor\"}, \"result\": {\"dataset\": \"labels-born\"}}";
    JsonNode predicted =
        http.post("/v1/batch-predictions", labelled(prediction, labels)).expect(202).json();
    assertThat(labels(predicted)).isEqualTo(labels(trained));
    assertThat(http.await("/v1/jobs/" + predicted.get("id").stringValue()).get("tags"))
        .isEqualTo(labels(trained));
  }

  @Test
  void sweepsAndTheirTrainingsHaveLabelsOfTheirOwn() {
    http.sample("xor");
    String job =
        labelled(JOB.formatted("labels-swept", 1), ", \"tags\": {\"swept\": \"training\"}");
    String sweep =
        http.post(
                "/v1/sweeps",
                "{\"job\": %s, \"parameters\": {\"/training/epochs\": [1, 2]}, \"objective\": \"loss\", \"description\": \"two\", \"tags\": {\"swept\": \"sweep\"}}"
                    .formatted(job))
            .expect(202)
            .location();
    JsonNode ended = http.await(sweep);
    assertThat(ended.get("description").stringValue()).isEqualTo("two");
    assertThat(listed("/v1/sweeps?tag=swept:sweep", "sweeps", "id"))
        .containsExactly(ended.get("id").stringValue());
    // Two trials and the refit.
    assertThat(listed("/v1/jobs?tag=swept:training&kind=training", "jobs", "id")).hasSize(3);
    JsonNode again = http.post(sweep + "/retry").expect(202).json();
    assertThat(labels(again)).isEqualTo(labels(ended));
    assertThat(again.get("description").stringValue()).isEqualTo("two");
  }

  @Test
  void wrongLabelsOfABodyAreRefusedAsThoseOfAPatch() {
    http.sample("xor");
    http.train(JOB.formatted("labels-wrong", 1));
    StringBuilder many = new StringBuilder("\"n0\": \"\"");
    for (int tag = 1; tag <= 64; tag++) {
      many.append(", \"n%d\": \"\"".formatted(tag));
    }
    String job = JOB.formatted("labels-wrong", 1);
    String sweep = "{\"job\": %s, \"parameters\": {}, \"objective\": \"loss\"}".formatted(job);
    String prediction =
        "{\"model\": \"labels-wrong\", \"dataset\": {\"name\": \"xor\"}, \"result\": {\"dataset\": \"labels-wrong\"}}";
    for (String wrong :
        List.of(
            "\"description\": 1",
            "\"description\": \"%s\"".formatted("x".repeat(4001)),
            "\"tags\": [\"a\"]",
            "\"tags\": {\"a b\": \"1\", \"n\": 3, \"m\": \"%s\"}".formatted("x".repeat(256)),
            "\"tags\": {%s}".formatted(many))) {
      JsonNode faults =
          patch("/v1/models/labels-wrong", "{" + wrong + "}").expect(422).json().get("errors");
      assertThat(faults).isNotEmpty();
      for (var body :
          List.of(
              List.of("/v1/jobs", job),
              List.of("/v1/sweeps", sweep),
              List.of("/v1/batch-predictions", prediction))) {
        Http.Answer refused =
            http.post(body.getFirst(), labelled(body.getLast(), ", " + wrong)).expect(422);
        assertThat(refused.json().get("errors")).as(body.getFirst()).isEqualTo(faults);
      }
      assertThat(
              http.post("/v1/models:validate", labelled(job, ", " + wrong))
                  .expect(200)
                  .json()
                  .get("errors"))
          .isEqualTo(faults);
      assertThat(
              http.post("/v1/sweeps", sweep.replace(job, labelled(job, ", " + wrong)))
                  .expect(422)
                  .pointers())
          .isEqualTo(faults.findValuesAsString("pointer").stream().map(at -> "/job" + at).toList());
    }
  }

  @Test
  void wrongQuestionsAreRefused() {
    http.get("/v1/jobs?tag=team").expectProblem(400, "invalid_parameter");
    http.get("/v1/jobs?archived=maybe").expectProblem(400, "invalid_parameter");
    http.get("/v1/jobs?created_after=yesterday").expectProblem(400, "invalid_parameter");
    http.get("/v1/models?order_by=size").expectProblem(400, "invalid_parameter");
    http.get("/v1/jobs?order_by=loss&page_token=eHg").expectProblem(400, "invalid_parameter");
  }

  @Test
  void queuedJobSaysWhatItWaitsFor() {
    http.sample("xor");
    String body = JOB.formatted("labels-waits", 1);
    String running = http.submit(body.replace("\"epochs\": 2", "\"epochs\": 1000000"));
    try {
      http.awaitEpoch(running, 1);
      String queued = http.submit(body);
      assertThat(http.job(queued).get("waits_for").stringValue())
          .isEqualTo("a free slot in pool cpu: 1 of 1 are busy");
      assertThat(http.job(running).get("waits_for").isNull()).isTrue();
      http.post(queued + "/cancel").expect(202);
    } finally {
      http.post(running + "/cancel").expect(202);
    }
  }

  @Test
  void callersWithoutAKeyAreAnonymousWhereverOwnersAre() {
    http.sample("xor");
    String job = http.train(JOB.formatted("labels-anonymous", 1)).get("id").stringValue();
    for (String path :
        List.of(
            "/v1/jobs/" + job,
            "/v1/models/labels-anonymous",
            "/v1/models/labels-anonymous/versions/1",
            "/v1/datasets/xor",
            "/v1/datasets/xor/versions/1")) {
      assertThat(http.get(path).json().get("owner").stringValue()).as(path).isEqualTo("anonymous");
    }
    assertThat(listed("/v1/jobs?model=labels-anonymous&owner=anonymous", "jobs", "id"))
        .containsExactly(job);
    assertThat(listed("/v1/models?page_size=500&owner=anonymous", "models", "name"))
        .contains("labels-anonymous");
    assertThat(
            listed("/v1/models/labels-anonymous/versions?owner=anonymous", "versions", "version"))
        .containsExactly("1");
    assertThat(listed("/v1/datasets?page_size=500&owner=anonymous", "datasets", "name"))
        .contains("xor");
    assertThat(listed("/v1/datasets/xor/versions?owner=anonymous", "versions", "version"))
        .containsExactly("1");
    assertThat(http.get("/v1/audit?caller=anonymous&page_size=1").expect(200).json().get("entries"))
        .hasSize(1);
  }
}
