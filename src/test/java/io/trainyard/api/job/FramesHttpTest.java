package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a network answers while it learns. */
@ServiceTest
class FramesHttpTest {
  private static final String AXES = "\"x\": \"x1\", \"y\": \"x2\"";

  @Autowired private Http http;

  private static String job(String frames, int epochs) {
    return """
    {"model": {"name": "bending", "inputs": {"gate": {"columns": ["x1", "x2"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [
         {"type": "dense", "name": "hidden", "units": 4, "activation": "tanh"},
         {"type": "dense", "name": "out", "units": 1, "activation": "sigmoid"}]}},
     "dataset": {"name": "xor"},
     "training": {"loss": "binary_crossentropy", "optimizer": {"type": "adam", "learning_rate": 0.08},
       "epochs": %d, "seed": 4, "diagnostics": ["weight_norms", {"frames": {%s}}]}}
    """
        .formatted(epochs, frames);
  }

  @Test
  void theFramesOfAJobShowItBend() {
    http.sample("xor");
    JsonNode done = http.train(job(AXES + ", \"steps\": 5", 301));
    String path = "/v1/jobs/" + done.get("id").stringValue() + "/frames";
    JsonNode answer = http.job(path);
    assertThat(answer.at("/x/column").stringValue()).isEqualTo("x1");
    assertThat(answer.at("/y/values")).hasSize(5);
    assertThat(answer.at("/y/values/2").doubleValue()).isEqualTo(0.5);
    JsonNode frames = answer.get("frames");
    assertThat(frames.size()).isBetween(100, 200);
    assertThat(frames.at("/0/epoch").intValue()).isEqualTo(1);
    assertThat(frames.at("/1/epoch").intValue()).isEqualTo(2);
    assertThat(frames.at("/2/epoch").intValue()).isEqualTo(4);
    JsonNode last = frames.get(frames.size() - 1);
    assertThat(last.get("epoch").intValue()).isEqualTo(301);
    // The corners are near the four rows, and the last frame is of the weights that are published.
    assertThat(last.at("/boundary/0/0").doubleValue()).isLessThan(0.2);
    assertThat(last.at("/boundary/0/4").doubleValue()).isGreaterThan(0.8);
    assertThat(last.at("/boundary/4/0").doubleValue()).isGreaterThan(0.8);
    assertThat(last.at("/boundary/4/4").doubleValue()).isLessThan(0.2);
    JsonNode predicted =
        http.post(
                "/v1/models/bending/versions/%d/predict"
                    .formatted(done.at("/result/version").intValue()),
                "{\"instances\": [{\"x1\": %s, \"x2\": %s}]}"
                    .formatted(answer.at("/x/values/1"), answer.at("/y/values/3")))
            .expect(200)
            .json();
    assertThat(last.at("/boundary/3/1").doubleValue())
        .isCloseTo(predicted.at("/predictions/0/y").doubleValue(), within(1e-3));
    assertThat(last.at("/neurons/hidden")).hasSize(4);
    assertThat(last.at("/neurons/hidden/3/4")).hasSize(5);
    assertThat(last.at("/weights").propertyNames())
        .containsExactlyInAnyOrder("hidden.weight", "hidden.bias", "out.weight", "out.bias");
    assertThat(last.at("/weights/hidden.weight/3")).hasSize(2);
    assertThat(http.job(path + "?from=3&to=4").get("frames")).hasSize(1);
    http.delete("/v1/jobs/" + done.get("id").stringValue()).expect(204);
    http.get(path).expect(404);
  }

  @Test
  void otherColumnsAreHeldWhereTheyUsuallyAre() {
    StringBuilder csv = new StringBuilder("a,b,c,kind,price\n");
    for (int i = 0; i < 30; i++) {
      csv.append("%d,%d,%d,%s,%d\n".formatted(i, i % 7, i % 5, i % 3 == 0 ? "u" : "v", 10 * i));
    }
    http.upload("held", csv.toString());
    String job =
        """
        {"model": {"name": "held", "inputs": {"x": {"columns": ["a", "b", "kind"], "scale": "standard"}},
           "targets": %s,
           "network": {"layers": [{"type": "dense", "units": 40, "activation": "relu"},
             {"type": "dense", "name": "out", "units": %d, "activation": "%s"}]}},
         "dataset": {"name": "held"},
         "training": {"loss": "%s", "epochs": 2, "seed": 1, "ensemble": {"seeds": 2},
           "diagnostics": [{"frames": {"x": {"column": "b", "min": 1, "max": 4}, "y": "a", "steps": 3, "weights": false}}]}}
        """;
    String prices = "{\"price\": {\"column\": \"price\", \"scale\": \"standard\"}}";
    JsonNode numbers = frames(job.formatted(prices, 1, "linear", "mse"));
    assertThat(numbers.get("meaning").stringValue()).isEqualTo("price");
    assertThat(numbers.at("/x/values").toString()).isEqualTo("[1.0,2.5,4.0]");
    assertThat(numbers.at("/frames")).hasSize(4);
    assertThat(numbers.at("/frames/3/neurons/dense_1")).hasSize(8);
    assertThat(numbers.at("/frames/3/weights")).isEmpty();
    // In units of the target, where a net that has learned little answers about the mean.
    assertThat(numbers.at("/frames/0/boundary/1/1").doubleValue()).isBetween(20.0, 300.0);
    String classes = "{\"c\": {\"column\": \"c\", \"type\": \"class\"}}";
    JsonNode labels = frames(job.formatted(classes, 5, "softmax", "categorical_crossentropy"));
    assertThat(labels.get("classes")).hasSize(5);
    assertThat(labels.at("/frames/0/boundary/0/0").isInt()).isTrue();
  }

  private JsonNode frames(String job) {
    JsonNode done = http.train(job);
    return http.job("/v1/jobs/" + done.get("id").stringValue() + "/frames");
  }

  @Test
  void aJobWithoutFramesHasNone() {
    http.sample("xor");
    String job = job(AXES, 1).replaceAll(", \\{\"frames.*?}}", "");
    JsonNode none = frames(job);
    assertThat(none.toString())
        .isEqualTo("{\"x\":null,\"y\":null,\"meaning\":null,\"classes\":[],\"frames\":[]}");
  }

  @Test
  void aSweepKeepsNoFrames() {
    http.sample("xor");
    http.post(
            "/v1/sweeps",
            "{\"parameters\": {\"/training/seed\": [1, 2]}, \"objective\": \"loss\", \"job\": %s}"
                .formatted(job(AXES, 1)))
        .expectFault("/job/training/diagnostics/1", "leave 'frames' out");
  }
}
