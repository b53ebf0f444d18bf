package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Images are changed at random in training alone, and in the same way for the same seed. */
@ScenarioTest
@Timeout(120)
class AugmentationScenarioTest {
  private static final String JOB =
      """
      {"model": {"name": "photos", "inputs": {"x": {"column": "img", "scale": {"divide": 255}}},
         "targets": {"kind": {"column": "kind"}},
         "network": {"layers": [
           {"type": "random_flip", "mode": "horizontal"},
           {"type": "random_rotation", "factor": 0.05},
           {"type": "random_translation", "height_factor": 0.1, "width_factor": 0.1},
           {"type": "random_zoom", "height_factor": 0.1, "fill_mode": "constant"},
           {"type": "random_contrast", "factor": 0.2, "value_range": [0, 1]},
           {"type": "random_crop", "name": "part", "height": 6, "width": 6},
           {"type": "conv2d", "filters": 4, "kernel_size": 3, "activation": "relu"},
           {"type": "flatten"}, {"type": "dense", "units": 2, "activation": "softmax"}]}},
       "dataset": {"name": "photos", "split": {"validation": 0.25, "by": "file_order"}},
       "training": {"loss": "categorical_crossentropy", "epochs": %d, "batch_size": 8, "seed": %d,
         "metrics": ["accuracy", "f1"], "optimizer": {"type": "adam", "learning_rate": %s}}}
      """;

  @Autowired private Http http;

  @Test
  void imagesAreChangedInTrainingAlone() {
    http.post("/v1/datasets?name=photos", "application/x-ndjson", Http.utf8(rows())).expect(201);

    JsonNode trained = http.train(JOB.formatted(30, 1, "0.01"));
    assertThat(trained.at("/metrics/val_accuracy").doubleValue()).isGreaterThan(0.9);
    assertThat(http.train(JOB.formatted(30, 1, "0.01")).at("/metrics/loss"))
        .isEqualTo(Http.given(trained.at("/metrics/loss")));

    JsonNode still = http.train(JOB.formatted(4, 2, "1e-30"));
    List<JsonNode> losses = values(still, "loss");
    assertThat(losses).doesNotHaveDuplicates().hasSize(4);
    assertThat(values(still, "val_loss")).containsOnly(still.at("/metrics/val_loss"));

    String version = "/v1/models/photos/versions/1";
    String ask = "{\"instances\": [{\"img\": " + image(3) + "}], \"outputs\": [\"part\"]}";
    JsonNode answer = http.post(version + "/predict", ask).expect(200).json();
    JsonNode part = answer.at("/outputs/part/0");
    assertThat(part).hasSize(6);
    // The middle of the image.
    assertThat(part.at("/0/0/0").floatValue()).isEqualTo((float) (pixel(3, 1, 1) / 255.0));
    assertThat(http.post(version + "/predict", ask).json()).isEqualTo(answer);
  }

  private List<JsonNode> values(JsonNode job, String name) {
    List<JsonNode> values = new ArrayList<>();
    http.get("/v1/jobs/" + job.get("id").stringValue() + "/metrics")
        .expect(200)
        .json()
        .get("epochs")
        .forEach(epoch -> values.add(epoch.get(name)));
    return values;
  }

  private static String rows() {
    StringJoiner rows = new StringJoiner("\n", "", "\n");
    for (int row = 0; row < 64; row++) {
      rows.add(
          "{\"kind\": \"%s\", \"img\": %s}".formatted(row % 2 == 0 ? "up" : "down", image(row)));
    }
    return rows.toString();
  }

  private static String image(int row) {
    StringJoiner lines = new StringJoiner(",", "[", "]");
    for (int y = 0; y < 8; y++) {
      StringJoiner pixels = new StringJoiner(",", "[", "]");
      for (int x = 0; x < 8; x++) {
        pixels.add("[" + pixel(row, y, x) + "]");
      }
      lines.add(pixels.toString());
    }
    return lines.toString();
  }

  /** Bright above, or below. */
  private static int pixel(int row, int y, int x) {
    boolean bright = (y < 4) == (row % 2 == 0);
    return (row * 31 + y * 67 + x * 17) % 90 + (bright ? 150 : 0);
  }
}
