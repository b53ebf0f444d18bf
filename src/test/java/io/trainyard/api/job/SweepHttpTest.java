package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Sweeps over HTTP: their trials, their end, and what a caller can do with them. */
@ServiceTest
@Timeout(120)
class SweepHttpTest {
  private static final String LEARNING_RATE = "/training/optimizer/learning_rate";
  private static final int ROWS = 90;

  @Autowired Http http;

  @BeforeEach
  void makeDataset() {
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int row = 0; row < ROWS; row++) {
      double a = Math.sin(row);
      double b = Math.cos(3 * row);
      csv.append(a).append(',').append(b).append(',').append(a * b > 0 ? "yes" : "no").append('\n');
    }
    http.upload("sweeps", csv.toString());
  }

  static String job(int epochs) {
    return """
    {"model": {"name": "sweeps", "inputs": {"x": {"columns": ["a", "b"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [{"type": "dense", "units": 4, "activation": "tanh"},
                              {"type": "dense", "units": 2, "activation": "softmax"}]}},
     "dataset": {"name": "sweeps", "split": {"test": 0.2, "stratify": "y"}},
     "training": {"loss": "categorical_crossentropy", "epochs": %d, "batch_size": 16, "seed": 7,
       "optimizer": {"type": "adam", "learning_rate": 0.05}, "metrics": ["accuracy"]},
     "on_success": {"alias": "production"}}\
    """
        .formatted(epochs);
  }

  private String submit(String members, int epochs) {
    return http.post("/v1/sweeps", "{%s, \"job\": %s}".formatted(members, job(epochs)))
        .expect(202)
        .location();
  }

  private JsonNode run(String members, int epochs) {
    JsonNode sweep = http.await(submit(members, epochs));
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    return sweep;
  }

  @Test
  void aGridIsRankedByTheMeanOfItsFoldsAndTheBestIsPublished() {
    JsonNode sweep =
        run(
            """
            "parameters": {"/model/network/layers/0/units": [1, 6], "%s": [0.0001, 0.05]},
            "cross_validation": 3, "objective": "val_accuracy"\
            """
                .formatted(LEARNING_RATE),
            30);
    JsonNode trials = sweep.get("trials");
    assertThat(trials.size()).isEqualTo(4);
    Set<String> jobs = new HashSet<>();
    double before = Double.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      JsonNode trial = trials.get(i);
      assertThat(trial.get("rank").intValue()).isEqualTo(i + 1);
      assertThat(trial.get("state").stringValue()).isEqualTo("succeeded");
      double mean = 0;
      double squares = 0;
      for (JsonNode fold : trial.get("folds")) {
        mean += fold.doubleValue() / 3;
        squares += fold.doubleValue() * fold.doubleValue() / 3;
      }
      assertThat(trial.get("mean").doubleValue()).isCloseTo(mean, within(1e-12));
      assertThat(trial.get("std").doubleValue())
          .isCloseTo(Math.sqrt(Math.max(0, squares - mean * mean)), within(1e-7));
      assertThat(mean).isLessThanOrEqualTo(before);
      before = mean;
      trial.get("jobs").forEach(job -> jobs.add(job.stringValue()));
    }
    assertThat(jobs).hasSize(12);
    JsonNode best = sweep.get("best");
    assertThat(best.get("parameters")).isEqualTo(trials.get(0).get("parameters"));
    assertThat(sweep.at("/result/model").stringValue()).isEqualTo("sweeps");
    assertThat(sweep.at("/result/alias/moved").booleanValue()).isTrue();
    assertThat(sweep.get("fraction").doubleValue()).isEqualTo(1);

    JsonNode refit = http.job("/v1/jobs/" + best.get("refit").stringValue());
    assertThat(refit.get("result")).isEqualTo(Http.given(sweep.get("result")));
    assertThat(refit.at("/request/training/epochs").intValue()).isBetween(1, 30);
    // The test part stays out: the refit is measured on it.
    assertThat(refit.get("metrics").has("test_accuracy")).isTrue();
    assertThat(refit.get("metrics").has("val_accuracy")).isFalse();
    JsonNode version =
        http.get("/v1/models/sweeps/versions/" + sweep.at("/result/version")).expect(200).json();
    assertThat(version.at("/spec/network/layers/0/units"))
        .isEqualTo(Http.given(best.at("/parameters").get("/model/network/layers/0/units")));
    assertThat(version.at("/provenance/job").stringValue())
        .isEqualTo(best.get("refit").stringValue());

    // It trains the network of its trial again, whatever model is stored, and stores nothing.
    JsonNode kept = http.get("/v1/models/sweeps").json().get("model");
    JsonNode again =
        http.await(
            http.post("/v1/jobs/" + best.get("refit").stringValue() + "/retry")
                .expect(202)
                .location());
    assertThat(again.get("state").stringValue()).as(again.toString()).isEqualTo("succeeded");
    String weights = "/v1/models/sweeps/versions/%s/weights";
    assertThat(http.get(weights.formatted(again.at("/result/version"))).expect(200).bytes())
        .isEqualTo(http.get(weights.formatted(sweep.at("/result/version"))).expect(200).bytes());

    assertThat(http.get("/v1/models/sweeps").json().get("model")).isEqualTo(kept);

    JsonNode training = http.job("/v1/jobs/" + jobs.iterator().next());
    assertThat(training.get("result").isNull()).isTrue();
    assertThat(training.get("threads").intValue()).isEqualTo(1);
    assertThat(training.has("best")).isTrue();
    JsonNode listed =
        http.get("/v1/jobs?sweep=%s&page_size=500".formatted(sweep.get("id").stringValue()))
            .expect(200)
            .json();
    assertThat(listed.get("jobs").size()).isEqualTo(13);
  }

  @Test
  void theModelIsStoredAsItWasGiven() {
    String path =
        submit(
            "\"parameters\": {\"/model/network/layers/0/units\": [2, 3]}, \"cross_validation\": 2",
            1);
    http.post(path + "/cancel").expect(202);
    JsonNode stored = http.get("/v1/models/sweeps").expect(200).json();
    assertThat(stored.at("/model/network/layers/0/units").intValue()).isEqualTo(4);
  }

  @Test
  void drawnTrialsAreThoseOfTheSeed() {
    String members =
        """
        "parameters": {"/model/network/layers/0/units": {"min": 2, "max": 9},
          "%s": {"min": 0.001, "max": 0.1, "scale": "log"}},
        "strategy": "random", "trials": 5, "seed": 11, "cross_validation": 2\
        """
            .formatted(LEARNING_RATE);
    List<JsonNode> first = parameters(run(members, 2));
    assertThat(first).hasSize(5).doesNotHaveDuplicates();
    assertThat(first)
        .allSatisfy(
            trial -> {
              assertThat(trial.get("/model/network/layers/0/units").isIntegralNumber()).isTrue();
              assertThat(trial.get(LEARNING_RATE).doubleValue()).isBetween(0.001, 0.1);
            });
    assertThat(parameters(run(members, 2))).containsExactlyInAnyOrderElementsOf(first);
  }

  private static List<JsonNode> parameters(JsonNode sweep) {
    List<JsonNode> all = new ArrayList<>();
    sweep.get("trials").forEach(trial -> all.add(trial.get("parameters")));
    return all;
  }

  @Test
  void aHalvingTrainsTheBestThirdFurther() {
    JsonNode sweep =
        run(
            """
            "parameters": {"%s": [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.02, 0.03, 0.04, 0.05]},
            "strategy": "halving"\
            """
                    .formatted(LEARNING_RATE)
                + ", \"cross_validation\": 2",
            27);
    List<String> states = new ArrayList<>();
    List<Integer> epochs = new ArrayList<>();
    for (JsonNode trial : sweep.get("trials")) {
      states.add(trial.get("state").stringValue());
      JsonNode job = http.job("/v1/jobs/" + trial.at("/jobs/0").stringValue());
      epochs.add(job.at("/metrics/epoch").intValue());
      assertThat(
              http.job("/v1/jobs/" + trial.at("/jobs/0").stringValue() + "/metrics")
                  .get("epochs")
                  .size())
          .isEqualTo(epochs.getLast());
    }
    assertThat(epochs).containsExactly(27, 9, 9, 3, 3, 3, 3, 3, 3);
    assertThat(states).startsWith("succeeded", "cancelled").endsWith("cancelled");
  }

  @Test
  void crossValidationAloneMeasuresOneTrial() {
    JsonNode sweep = run("\"parameters\": {}, \"cross_validation\": 4", 3);
    assertThat(sweep.get("trials").size()).isEqualTo(1);
    assertThat(sweep.at("/trials/0/folds").size()).isEqualTo(4);
  }

  private List<String> listed(String path, String kind) {
    return http.get(path).expect(200).json().get(kind).findValuesAsString("id");
  }

  @Test
  void sweepsAreFoundAsJobsAre() {
    String drawn = "\"parameters\": {\"%s\": [0.01, 0.02]}, \"objective\": \"loss\"";
    String first = run(drawn.formatted(LEARNING_RATE), 1).get("id").stringValue();
    String second = run(drawn.formatted(LEARNING_RATE), 1).get("id").stringValue();
    JsonNode tagged =
        patch("/v1/sweeps/" + first, "{\"description\": \"b\", \"tags\": {\"found\": \"1\"}}")
            .expect(200)
            .json();
    assertThat(tagged.at("/tags/found").stringValue()).isEqualTo("1");
    assertThat(http.job("/v1/sweeps/" + first)).isEqualTo(tagged);
    assertThat(http.job("/v1/jobs/" + first).get("description").stringValue()).isEqualTo("b");
    patch("/v1/sweeps/" + second, "{\"description\": \"a\", \"tags\": {\"found\": \"2\"}}")
        .expect(200);
    for (String query :
        List.of(
            "tag=found:1",
            "tag=found:2&owner=anonymous",
            "tag=found:1&owner=nobody",
            "tag=found:1&state=failed",
            "tag=found:1&archived=true",
            "model=sweeps&order_by=description",
            "model=sweeps&order_by=-description",
            "model=sweeps&order_by=finished_at",
            "model=other")) {
      assertThat(listed("/v1/sweeps?kind=sweep&" + query, "sweeps"))
          .as(query)
          .isEqualTo(listed("/v1/jobs?kind=sweep&" + query, "jobs"))
          .isEqualTo(listed("/v1/sweeps?" + query, "sweeps"));
    }
    assertThat(listed("/v1/sweeps?tag=found:1", "sweeps")).containsExactly(first);
    assertThat(listed("/v1/sweeps?model=sweeps&order_by=description", "sweeps"))
        .startsWith(second, first);
    JsonNode page =
        http.get("/v1/sweeps?model=sweeps&order_by=description&page_size=1").expect(200).json();
    String next = page.get("next_page_token").stringValue();
    assertThat(
            listed(
                "/v1/sweeps?model=sweeps&order_by=description&page_size=1&page_token=" + next,
                "sweeps"))
        .containsExactly(first);
    assertThat(listed("/v1/jobs?kind=training&page_size=500", "jobs"))
        .isNotEmpty()
        .doesNotContain(first, second);
    assertThat(listed("/v1/sweeps?kind=training", "sweeps")).isEmpty();
    http.get("/v1/jobs?kind=plan").expectProblem(400, "invalid_parameter");
    patch("/v1/sweeps/" + first, "{\"archived\": true}").expect(200);
    assertThat(listed("/v1/sweeps?tag=found:1", "sweeps")).isEmpty();
    assertThat(listed("/v1/sweeps?tag=found:1&archived=any", "sweeps")).containsExactly(first);
  }

  private Http.Answer patch(String path, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of("Content-Type", "application/merge-patch+json"));
    all.addAll(List.of(headers));
    return http.send("PATCH", path, Http.utf8(body), all.toArray(String[]::new));
  }

  @Test
  void sweepsAreChangedAndRetriedAsJobsAre() {
    String members =
        "\"parameters\": {\"%s\": [0.01, 0.02]}, \"objective\": \"loss\"".formatted(LEARNING_RATE);
    String sweep = "/v1/sweeps/" + run(members, 1).get("id").stringValue();
    String seen = http.get(sweep).header("ETag");
    String changed =
        patch(sweep, "{\"description\": \"x\"}", "If-Match", seen).expect(200).header("ETag");
    assertThat(changed).isEqualTo(http.get(sweep).header("ETag"));
    patch(sweep, "{\"description\": \"y\"}", "If-Match", seen)
        .expectProblem(412, "precondition_failed");
    String training = listed("/v1/jobs?kind=training&page_size=1", "jobs").getFirst();
    patch("/v1/sweeps/" + training, "{}").expectProblem(404, "sweep_not_found");
    http.post("/v1/sweeps/" + training + "/retry").expectProblem(404, "sweep_not_found");

    String endless = submit(members, 1_000_000);
    try {
      http.post(endless + "/retry").expectProblem(409, "not_finished");
      Http.Answer again =
          http.post(sweep + "/retry", "{\"changes\": {\"/job/training/epochs\": 2}}").expect(202);
      assertThat(again.location()).isEqualTo("/v1/sweeps/" + again.json().get("id").stringValue());
      assertThat(again.json().at("/request/job/training/epochs").intValue()).isEqualTo(2);
      assertThat(again.json().get("trials")).hasSize(2);
      assertThat(again.json().get("waits_for"))
          .isEqualTo(
              Http.given(http.job(again.location().replace("sweeps", "jobs")).get("waits_for")));
      assertThat(http.get("/v1/sweeps?state=queued").json().at("/sweeps/0/waits_for").isString())
          .isTrue();
      http.post(again.location() + "/cancel").expect(202);
      http.post(sweep + "/retry", "{\"changes\": {\"/job/training/epochs\": -1}}")
          .expectFault("/changes/~1job~1training~1epochs", "");
    } finally {
      http.post(endless + "/cancel").expect(202);
    }
  }

  @Test
  void aCancelledSweepEndsItsTrainingsAndCanBeDeleted() {
    String path =
        submit(
            "\"parameters\": {\"%s\": [0.01, 0.02]}, \"cross_validation\": 2"
                .formatted(LEARNING_RATE),
            1_000_000);
    while (http.job(path).at("/trials/0/state").stringValue().equals("queued")) {
      Http.pause(Duration.ofMillis(20));
    }
    http.delete(path).expectProblem(409, "not_finished");
    assertThat(http.post(path + "/cancel").expect(202).json().get("state").stringValue())
        .isEqualTo("cancelled");
    assertThat(http.post(path + "/cancel").expect(200).json().get("state").stringValue())
        .isEqualTo("cancelled");
    JsonNode sweep = http.job(path);
    for (JsonNode trial : sweep.get("trials")) {
      assertThat(trial.get("state").stringValue()).isEqualTo("cancelled");
    }
    String training = "/v1/jobs/" + sweep.at("/trials/0/jobs/0").stringValue();
    http.delete(training).expectProblem(409, "in_use");
    http.delete(path).expect(204);
    http.get(path).expectProblem(404, "sweep_not_found");
    http.get(training).expectProblem(404, "job_not_found");
    // The slot is free again.
    run("\"parameters\": {}, \"cross_validation\": 2", 1);
  }

  @Test
  void aStoppedSweepPublishesTheBestTrialSoFar() {
    String path =
        submit("\"parameters\": {\"/training/epochs\": [1, 1000000]}, \"cross_validation\": 2", 1);
    while (http.job(path).at("/best").isNull()) {
      Http.pause(Duration.ofMillis(20));
    }
    http.post(path + "/stop").expect(202);
    JsonNode sweep = http.await(path);
    assertThat(sweep.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(sweep.at("/best/trial").intValue()).isEqualTo(1);
    assertThat(sweep.at("/trials/1/state").stringValue()).isEqualTo("cancelled");
  }

  @Test
  void aTrialThatFailsIsNotRanked() {
    JsonNode sweep =
        run(
            """
            "parameters": {"/training/optimizer": [{"type": "sgd", "learning_rate": 1e6},
                                                   {"type": "adam", "learning_rate": 0.01}],
              "/model/network/layers/0/activation": ["exponential"]},
            "cross_validation": 3\
            """,
            4);
    assertThat(sweep.at("/trials/0/trial").intValue()).isEqualTo(2);
    assertThat(sweep.at("/trials/1/rank").isNull()).isTrue();
    assertThat(sweep.at("/trials/1/state").stringValue()).isEqualTo("failed");
  }

  /** An ordinary job passes a sweep that runs in the only slot. */
  @Test
  void aSweepGivesItsSlotToAJobThatWaits() {
    String path = submit("\"parameters\": {}, \"cross_validation\": 2", 1_000_000);
    while (!http.job(path).get("state").stringValue().equals("running")) {
      Http.pause(Duration.ofMillis(20));
    }
    http.train(job(2));
    assertThat(http.job(path).get("done").booleanValue()).isFalse();
    http.post(path + "/cancel").expect(202);
  }

  @Test
  void eventsTellOfEachTrialAndEndWithTheSweep() {
    String path =
        submit(
            "\"parameters\": {\"%s\": [0.01, 0.02]}, \"cross_validation\": 2"
                .formatted(LEARNING_RATE),
            2);
    http.await(path);
    List<Http.Event> events = http.events(path, 0);
    assertThat(events.stream().map(Http.Event::kind))
        .startsWith("state", "state", "log", "log")
        .endsWith("done");
    assertThat(events.get(2).data().get("message").stringValue())
        .matches("Trial [12] of 2: val_loss .*");
    assertThat(events.getLast().data().get("trials").size()).isEqualTo(2);
    JsonNode list = http.get("/v1/sweeps?page_size=1").expect(200).json();
    assertThat(list.get("sweeps").size()).isEqualTo(1);
    assertThat(list.get("next_page_token").stringValue()).isNotEmpty();
    http.get("/v1/sweeps?state=running").expect(200);
    http.get("/v1/sweeps?state=ready").expectProblem(400, "invalid_parameter");
    JsonNode job = http.train(job(1));
    http.get("/v1/sweeps/" + job.get("id").stringValue()).expectProblem(404, "sweep_not_found");
  }
}
