package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a caller learns of a training: a good learning rate, and how its layers fare. */
@ScenarioTest
class TrainingInsightTest {
  @Autowired private Http http;

  @BeforeEach
  void upload() throws Exception {
    if (http.get("/v1/datasets/iris").status() == 404) {
      http.upload("iris", Files.readString(Path.of("src/examples/iris/iris.csv")));
    }
  }

  private static String job(String name, String hidden, String training) {
    return """
    {"model": {"name": "%s",
       "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
                        "scale": "standard"}},
       "targets": {"species": {"column": "species"}},
       "network": {"layers": [{"type": "dense", "units": 16, %s},
                              {"type": "dense", "units": 3, "activation": "softmax"}]}},
     "dataset": {"name": "iris", "split": {"validation": 0.2}},
     "training": {"loss": "categorical_crossentropy", "epochs": 4, "seed": 3, %s}}
    """
        .formatted(name, hidden, training);
  }

  private List<String> messages(JsonNode job, String level) {
    return http.events("/v1/jobs/" + job.get("id").stringValue(), 0).stream()
        .filter(event -> event.kind().equals("log"))
        .map(Http.Event::data)
        .filter(data -> data.get("level").stringValue().equals(level))
        .map(data -> data.get("message").stringValue())
        .toList();
  }

  @Test
  void aRangeTestSuggestsARateAndPublishesNothing() {
    JsonNode done =
        http.train(
            job("searched", "\"activation\": \"relu\"", "\"find_learning_rate\": {\"steps\": 60}"));
    assertThat(done.at("/result").propertyNames()).containsExactly("suggestion", "points");
    double suggestion = done.at("/result/suggestion").doubleValue();
    assertThat(suggestion).isBetween(1e-6, 1.0);
    assertThat(done.at("/result/points/0/learning_rate").doubleValue()).isEqualTo(1e-7);
    assertThat(done.at("/result/points").size()).isBetween(30, 60);
    assertThat(done.get("metrics").isNull()).isTrue();
    assertThat(http.job("/v1/models/searched/versions").at("/versions")).isEmpty();
  }

  @Test
  void theRateThatIsFoundCanTrain() {
    JsonNode done =
        http.train(
            job(
                "applied",
                "\"activation\": \"relu\"",
                "\"find_learning_rate\": {\"apply\": true}"));
    double suggestion = done.at("/result/suggestion").doubleValue();
    assertThat(done.at("/result/version").intValue()).isEqualTo(1);
    assertThat(done.at("/metrics/learning_rate").doubleValue()).isEqualTo(suggestion);
    assertThat(messages(done, "info"))
        .singleElement()
        .asString()
        .startsWith("find_learning_rate: the training uses the rate ");
  }

  @Test
  void theLayersOfEveryEpochAreMeasuredAndAFaultIsToldOnce() {
    JsonNode done =
        http.train(
            job(
                "diagnosed",
                "\"activation\": \"tanh\", \"initializer\": {\"type\": \"normal\", \"std\": 200}",
                "\"diagnostics\": [\"gradient_norms\", \"weight_norms\", \"update_ratios\","
                    + " \"saturation\"]"));
    String path = "/v1/jobs/" + done.get("id").stringValue() + "/metrics";
    JsonNode epochs = http.job(path).get("epochs");
    assertThat(epochs).hasSize(4);
    for (JsonNode epoch : epochs) {
      assertThat(epoch.at("/layers/dense_1").propertyNames())
          .containsExactly("gradient_norm", "weight_norm", "update_ratio", "saturation");
      assertThat(epoch.at("/layers/dense_2").propertyNames())
          .containsExactly("gradient_norm", "weight_norm", "update_ratio");
    }
    assertThat(done.at("/best/layers/dense_1/saturation").doubleValue()).isGreaterThan(0.9);
    String csv = http.get(path, "Accept", "text/csv").expect(200).text();
    assertThat(csv.lines().findFirst().orElseThrow())
        .contains("layers.dense_1.gradient_norm", "layers.dense_2.update_ratio")
        .doesNotContain("layers,");
    assertThat(messages(done, "warn"))
        .filteredOn(message -> message.startsWith("Layer 'dense_1': nine tenths"))
        .hasSize(1);
  }

  @Test
  void aSweepTriesFoundRates() {
    String body =
        """
        {"parameters": {"/model/network/layers/0/units": [2, 8]}, "objective": "val_loss", "job": %s}
        """;
    http.post(
            "/v1/sweeps",
            body.formatted(job("tried", "\"activation\": \"relu\"", "\"find_learning_rate\": {}")))
        .expectFault("/job/training/find_learning_rate", "write \"apply\": true");
    JsonNode sweep =
        http.await(
            http.post(
                    "/v1/sweeps",
                    body.formatted(
                        job(
                            "tried",
                            "\"activation\": \"relu\"",
                            "\"find_learning_rate\": {\"steps\": 30, \"apply\": true}")))
                .expect(202)
                .location());
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    JsonNode trial = http.job("/v1/jobs/" + sweep.at("/trials/0/jobs/0").stringValue());
    assertThat(trial.at("/result").propertyNames()).containsExactly("suggestion", "points");
    assertThat(sweep.at("/result/version").intValue()).isEqualTo(1);
  }
}
