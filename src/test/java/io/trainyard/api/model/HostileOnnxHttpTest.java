package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.onnx.format.OnnxDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** ONNX files that end the process which computes them. */
@ServiceTest
@Timeout(120)
class HostileOnnxHttpTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");

  @Autowired private Http http;

  private Answer importAs(String model, byte[] file) {
    return new Multipart().part("onnx", file).post(http, "/v1/models/" + model + "/versions");
  }

  /** y = 10 // (x + plus): a row with −plus ends the process. */
  private static byte[] divides(long plus) {
    return new OnnxDraft(17)
        .input("x", 7, -1, 2)
        .output("y", 7, -1, 2)
        .wholes("plus", List.of(), plus)
        .wholes("ten", List.of(), 10)
        .node("Add", List.of("x", "plus"), List.of("s"))
        .node("Div", List.of("ten", "s"), List.of("y"))
        .toBytes();
  }

  @Test
  void rowThatEndsAProcessIsRefusedAndNeighboursAnswer() throws IOException {
    importAs("hostile-neighbour", Files.readAllBytes(GOLDEN.resolve("mlp.onnx"))).expect(201);
    importAs("hostile", divides(1)).expect(201);
    String predict = "/v1/models/hostile/predict";
    String version = "/v1/models/hostile/versions/1";
    assertThat(http.post(predict, "{\"instances\": [[0, 1]]}").expect(200).text())
        .contains("10")
        .contains("5");
    assertThat(http.get(version).expect(200).text()).doesNotContain("quarantine");

    for (int deaths = 1; deaths <= 3; deaths++) {
      Answer died = http.post(predict, "{\"instances\": [[-1, 1]]}");
      assertThat(died.status()).isEqualTo(503);
      assertThat(died.text()).contains("has ended: SIGFPE");
      assertThat(died.header("Retry-After")).isNotBlank();
      if (deaths < 3) {
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> http.post(predict, "{\"instances\": [[0, 1]]}").status() == 200);
      }
    }
    await().until(() -> http.get(version).text().contains("quarantine"));
    assertThat(http.get(version).expect(200).text()).contains("3 processes").contains("SIGFPE");
    assertThat(http.post(predict, "{\"instances\": [[0, 1]]}").expect(503).text())
        .contains("in quarantine");
    assertThat(http.post("/v2/repository/index", "{}").expect(200).text())
        .contains("in quarantine: 3 processes");
    await()
        .until(
            () ->
                http.get("/v1/models/hostile-neighbour").status() == 200
                    && http.post(
                                "/v1/models/hostile-neighbour/predict",
                                "{\"instances\": [[1, 2, 3, 4]]}")
                            .status()
                        != 503);
    http.post(version + ":load", "").expect(200);
    http.post(predict, "{\"instances\": [[0, 1]]}").expect(200);
    assertThat(http.get(version).text()).doesNotContain("quarantine");
    assertThat(http.get("/actuator/prometheus").text())
        .contains("trainyard_hosts_deaths_total{cause=\"crash\",purpose=\"serving\"");
  }

  @Test
  void fileThatCrashesOnItsFirstRowIsNotImported() {
    Answer refused = importAs("hostile-first", divides(0));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text()).contains("worker_crashed").contains("/onnx").contains("SIGFPE");
    importAs("hostile-first", divides(7)).expect(201);
  }

  @Test
  void attributesAreCheckedBeforeAnythingIsComputed() {
    byte[] file =
        new OnnxDraft(17)
            .input("x", 1, -1, 1, 4, 4)
            .output("y", 1, -1, 1, 2, 2)
            .node(
                "MaxPool",
                List.of("x"),
                List.of("y"),
                "kernel_shape",
                new long[] {2, 2},
                "strides",
                new long[] {0, 0})
            .toBytes();
    assertThat(importAs("hostile-stride", file).expect(422).text())
        .contains("/onnx")
        .contains("MaxPool has strides 0");
  }
}
