package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Scenario S7: what a 2-2-1 net on xor has learned: pictures, weights, and the values within.
 * {@code ClassicalTrainingTest} has the methods and their reasons to stop, {@code SweepsTest} the
 * search for the number of hidden neurons.
 */
@ScenarioTest
class SmallNetworkTest {
  @Autowired private Http http;

  @BeforeEach
  void upload() {
    http.post("/v1/samples/xor", "");
  }

  @Test
  void whatTheNetHasLearnedIsSeen() throws IOException {
    JsonNode done =
        http.train(
            """
            {"model": {"name": "mlp", "inputs": {"x": {"columns": ["x1", "x2"]}},
               "targets": {"y": {"column": "y", "type": "number"}},
               "network": {"layers": [{"type": "dense", "name": "hidden", "units": 2, "activation": "logsig"},
                                      {"type": "dense", "name": "out", "units": 1, "activation": "logsig"}]}},
             "dataset": {"name": "xor"},
             "training": {"loss": "mse", "seed": 2, "optimizer": "trainlm", "epochs": 60, "goal": 0.0001}}
            """);
    assertThat(done.get("stop_reason").stringValue()).isEqualTo("goal");
    String version = "/v1/models/mlp/versions/" + done.at("/result/version").intValue();
    JsonNode predicted =
        http.post(
                "/v1/models/mlp/predict",
                """
                {"instances": [{"x1": 0.25, "x2": 0.75}], "outputs": ["hidden:pre", "hidden", "out:pre"]}
                """)
            .expect(200)
            .json();
    JsonNode weights = http.job(version + "/matlab");
    JsonNode sums = predicted.at("/outputs/hidden:pre/0");
    for (int unit = 0; unit < 2; unit++) {
      double sum =
          number(weights, "/IW/0/0/" + unit + "/0") * 0.25
              + number(weights, "/IW/0/0/" + unit + "/1") * 0.75
              + number(weights, "/b/0/" + unit);
      assertThat(sums.get(unit).doubleValue()).isCloseTo(sum, within(1e-4 * (1 + Math.abs(sum))));
      assertThat(predicted.at("/outputs/hidden/0/" + unit).doubleValue())
          .isCloseTo(1 / (1 + Math.exp(-sum)), within(1e-4));
    }
    // The corners are the rows of xor: x2 by rows, x1 by columns.
    JsonNode surface =
        http.post(version + "/plots", plot("surface")).expect(200).json().get("values");
    assertThat(surface.at("/0/0").doubleValue()).isLessThan(0.1);
    assertThat(surface.at("/4/4").doubleValue()).isLessThan(0.1);
    assertThat(surface.at("/0/4").doubleValue()).isGreaterThan(0.9);
    assertThat(surface.at("/4/0").doubleValue()).isGreaterThan(0.9);
    JsonNode neurons = http.post(version + "/plots", plot("neurons")).expect(200).json();
    assertThat(neurons.get("contours").valueStream().map(line -> line.get("unit").stringValue()))
        .containsExactly("hidden/0", "hidden/1");
    for (String kind : List.of("boundary", "neurons", "surface")) {
      Http.Answer picture =
          http.post(version + "/plots", plot(kind), "Accept", "image/png").expect(200);
      var image = ImageIO.read(new ByteArrayInputStream(picture.bytes()));
      Set<Integer> colors = new HashSet<>();
      for (int x = 0; x < image.getWidth(); x += 3) {
        for (int y = 0; y < image.getHeight(); y += 3) {
          colors.add(image.getRGB(x, y));
        }
      }
      assertThat(colors).as(kind).hasSizeGreaterThan(4);
      assertThat(
              http.post(version + "/plots", plot(kind), "Accept", "image/svg+xml")
                  .expect(200)
                  .text())
          .contains("<svg", "mlp");
    }
  }

  private static String plot(String kind) {
    return """
    {"kind": "%s", "x": {"column": "x1", "min": 0, "max": 1}, "y": {"column": "x2", "min": 0, "max": 1}, "steps": 5}
    """
        .formatted(kind);
  }

  private static double number(JsonNode json, String pointer) {
    return json.at(pointer).doubleValue();
  }
}
