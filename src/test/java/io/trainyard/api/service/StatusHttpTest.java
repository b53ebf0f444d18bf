package io.trainyard.api.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.job.WorkerRegister;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.memory.MemoryUse;
import io.trainyard.tensor.Device;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What an operator asks first. */
@ServiceTest
@Timeout(60)
class StatusHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "status", "inputs": {"x": {"columns": ["x1", "x2"]}},
         "targets": {"y": {"column": "y", "type": "class"}},
         "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"},
       "training": {"loss": "binary_crossentropy", "epochs": %d, "batch_size": 1}}\
      """;

  @Autowired private Http http;
  @Autowired private WorkerRegister register;

  private static JsonNode named(JsonNode list, String member, String name) {
    return list.valueStream()
        .filter(each -> each.path(member).asString("").equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(list.toString()));
  }

  @Test
  void statusCountsSlotsAndShowsWhatIsLoaded() {
    http.sample("xor");
    http.train(JOB.formatted(1));
    http.post("/v1/models/status/predict", "{\"instances\": [{\"x1\": 0, \"x2\": 1}]}").expect(200);
    JsonNode status = http.get("/v1/status").expect(200).json();
    JsonNode slots = named(status.get("slots"), "pool", "cpu");
    assertThat(slots.get("slots").intValue()).isEqualTo(1);
    assertThat(status.at("/memory/resident").longValue()).isPositive();
    assertThat(status.at("/memory/budget").longValue()).isPositive();
    assertThat(status.at("/disk/size").longValue())
        .isGreaterThanOrEqualTo(status.at("/disk/free").longValue());
    assertThat(status.at("/disk/reserve").longValue()).isPositive();
    assertThat(status.get("outages").isEmpty()).as(status.toString()).isTrue();
    JsonNode loaded = named(status.get("loaded_models"), "model", "status");
    assertThat(loaded.get("version").intValue()).isEqualTo(1);
    assertThat(loaded.get("bytes").longValue()).isPositive();
  }

  @Test
  void workerShowsTheJobThatItRuns() {
    http.sample("xor");
    String path = http.submit(JOB.formatted(1_000_000));
    try {
      showsTheJob(path);
    } finally {
      http.post(path + "/cancel").expect(202);
    }
  }

  private void showsTheJob(String path) {
    http.awaitEpoch(path, 1);
    String job = path.substring("/v1/jobs/".length());
    JsonNode workers = http.get("/v1/workers").expect(200).json().get("workers");
    assertThat(workers).hasSize(1);
    JsonNode worker = workers.get(0);
    assertThat(worker.get("name")).isEqualTo(http.job(path).get("worker"));
    assertThat(worker.get("jobs").valueStream().map(JsonNode::stringValue)).containsExactly(job);
    assertThat(worker.get("pools").toString())
        .isEqualTo("[{\"name\":\"cpu\",\"device\":\"cpu\",\"slots\":1,\"busy\":1}]");
    assertThat(worker.at("/memory/resident").longValue()).isPositive();
    assertThat(Instant.parse(worker.get("seen_at").stringValue()))
        .isAfter(Instant.now().minus(Duration.ofMinutes(1)));
    assertThat(
            named(http.get("/v1/status").json().get("slots"), "pool", "cpu").get("busy").intValue())
        .isEqualTo(1);
  }

  @Test
  void aWorkerTellsTheUseOfItsDevice() {
    register.renew(
        "gpu-1",
        Map.of("gpu", new WorkerPool(1, 1, Device.CUDA), "cpu", new WorkerPool(1, 1, Device.CPU)),
        new MemoryUse(1, 2, "", 0),
        List.of(new DeviceMemory.Use(Device.CUDA, 7_000_000_000L, 8_000_000_000L, 93)),
        Instant.now().minusSeconds(60));
    try {
      JsonNode workers = http.get("/v1/workers").expect(200).json().get("workers");
      assertThat(named(workers, "name", "gpu-1").get("devices").toString())
          .isEqualTo(
              "[{\"device\":\"cuda\",\"used\":7000000000,\"total\":8000000000,"
                  + "\"utilization\":93}]");
      for (JsonNode worker : workers) {
        boolean hasGpu = worker.get("name").stringValue().equals("gpu-1");
        assertThat(worker.get("devices").isEmpty()).as(worker.toString()).isEqualTo(!hasGpu);
      }
      assertThat(http.get("/v1/status").expect(200).json().get("devices").toString())
          .isEqualTo(
              "[{\"worker\":\"gpu-1\",\"device\":\"cuda\",\"used\":7000000000,"
                  + "\"total\":8000000000,\"utilization\":93}]");
      // A driver's tool that is not installed tells nothing.
      register.renew(
          "gpu-1",
          Map.of("gpu", new WorkerPool(1, 1, Device.CUDA)),
          new MemoryUse(1, 2, "", 0),
          List.of(new DeviceMemory.Use(Device.CUDA, 7_000_000_000L, 8_000_000_000L)),
          Instant.now().minusSeconds(60));
      assertThat(http.get("/v1/workers").json().get("workers").toString())
          .contains("\"total\":8000000000}")
          .doesNotContain("utilization");
    } finally {
      register.remove("gpu-1");
    }
  }

  @Test
  void usageCountsDatasetsModelsAndCallers() {
    http.upload("usage-rows", "a,b\n1,2\n3,4\n");
    http.sample("xor");
    http.train(JOB.formatted(1).replace("\"status\"", "\"usage\""));
    JsonNode usage = http.get("/v1/usage").expect(200).json();
    assertThat(named(usage.get("datasets"), "name", "usage-rows").get("bytes").longValue())
        .isPositive();
    long version =
        http.get("/v1/models/usage/versions/1").expect(200).json().get("bytes").longValue();
    long object = Http.utf8(http.get("/v1/models/usage").json().get("model").toString()).length;
    assertThat(named(usage.get("models"), "name", "usage").get("bytes").longValue())
        .isEqualTo(object + version);
    assertThat(usage.get("callers")).hasSize(1);
    assertThat(named(usage.get("callers"), "name", "anonymous").get("bytes").longValue())
        .isEqualTo(sum(usage.get("datasets")) + sum(usage.get("models")));
  }

  private static long sum(JsonNode shares) {
    return shares.valueStream().mapToLong(share -> share.get("bytes").longValue()).sum();
  }

  @Test
  void openCallerMayDoEverything() {
    JsonNode me = http.get("/v1/me").expect(200).json();
    assertThat(me.get("caller").stringValue()).isEqualTo("anonymous");
    assertThat(me.get("scopes").toString()).contains("admin");
    assertThat(me.get("models").toString()).isEqualTo("[\"*\"]");
    assertThat(me.has("oidc")).isFalse();
  }
}
