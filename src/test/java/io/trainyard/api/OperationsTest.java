package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** What a platform asks of the process. */
@ServiceTest
@Timeout(60)
class OperationsTest {
  @Autowired private Http http;

  @Test
  void livenessAndReadinessDiffer() {
    assertThat(http.get("/actuator/health/liveness").json().get("status").stringValue())
        .isEqualTo("UP");
    assertThat(http.get("/actuator/health/readiness").text()).contains("natives").contains("UP");
    assertThat(http.get("/actuator/health").json().at("/components/db/status").stringValue())
        .isEqualTo("UP");
    http.get("/livez").expect(200);
    http.get("/readyz").expect(200);
    assertThat(http.get("/actuator/info").status()).isEqualTo(200);
    for (String path : List.of("x", "x/y", "readiness/x/y", "db/x/y", "x/y/z")) {
      assertThat(http.get("/actuator/health/" + path).status()).as(path).isEqualTo(404);
    }
    assertThat(http.get("/actuator/env").status()).isEqualTo(404);
  }

  @Test
  void predictionsAreCounted() {
    http.importVersion(
        "counted",
        """
        {"name": "counted", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
          {"type": "activation", "function": "tanh"}]}}\
        """);
    // The service tells 100 versions apart, and other tests may have loaded as many.
    Matcher loaded =
        Pattern.compile("latency_seconds_count\\{model=\"([a-z][^\"]*)")
            .matcher(http.get("/actuator/prometheus").text());
    if (loaded.find()) {
      http.post("/v2/repository/models/" + loaded.group(1) + "/unload").expect(200);
    }
    http.post("/v1/models/counted/predict", "{\"instances\": [[1]]}");
    http.post("/v1/models/counted/predict", "{\"instances\": [\"a\"]}");
    String metrics = http.get("/actuator/prometheus").text();
    assertThat(metrics)
        .contains("trainyard_predict_latency_seconds_bucket{model=\"counted\",version=\"1\"")
        .contains("trainyard_predict_latency_seconds_count{model=\"counted\",version=\"1\"} 1")
        .contains("trainyard_predict_rejections_total{reason=\"invalid_body\"}")
        .contains("trainyard_predict_loaded_models", "trainyard_predict_loaded_bytes");
    assertThat(Arrays.stream(metrics.split("\n")).filter(line -> line.contains("job=\"")))
        .isEmpty();
  }
}
