package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.OwnService;
import io.trainyard.store.SmallDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A disk that other programs fill and free: no restart, nothing acknowledged lost, true health. */
@Timeout(240)
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
class FullDiskScenarioTest {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final String NETWORK =
      "\"network\": {\"inputs\": {\"x\": {\"shape\": [1]}}, \"layers\": [{\"type\":"
          + " \"activation\", \"function\": \"tanh\"}]}";

  @TempDir Path folder;
  private final List<String> acknowledged = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private int calls;

  @Test
  void fullDiskNeedsNoRestart() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder, 64);
        OwnService service = OwnService.on(disk.folder())) {
      Http http = service.http();
      http.importVersion("served", "{\"name\": \"served\", " + NETWORK + "}");
      assertPredicts(http);
      assertHealthy(http);
      Thread probes = Thread.ofVirtual().start(() -> probe(http));
      store(http);
      upload(http);

      disk.fill();
      while (store(http)) {}
      awaitHealth(http, "DOWN", "DOWN");
      assertThat(store(http)).isFalse();
      assertThat(upload(http)).isFalse();
      assertAcknowledgedAreThere(http);

      disk.free();
      awaitHealth(http, "UP", "UP");
      assertThat(store(http)).isTrue();
      assertThat(upload(http)).isTrue();
      assertHealthy(http);
      assertAcknowledgedAreThere(http);
      probes.interrupt();
      probes.join();
      assertThat(wrong).isEmpty();
    }
  }

  /** Stores a small model; an answer of 503 must say when to retry. */
  private boolean store(Http http) {
    String path = "/v1/models/m" + ++calls;
    return isAcknowledged(path, http.put(path, "{" + NETWORK + "}"));
  }

  private boolean upload(Http http) {
    String name = "d" + ++calls;
    byte[] rows = Http.utf8("a,b\n" + calls + ",2\n");
    return isAcknowledged(
        "/v1/datasets/" + name, http.post("/v1/datasets?name=" + name, "text/csv", rows));
  }

  private boolean isAcknowledged(String path, Http.Answer answer) {
    if (answer.status() == 201) {
      acknowledged.add(path);
      return true;
    }
    answer.expectProblem(503, "unavailable");
    assertThat(answer.header("Retry-After")).isNotEmpty();
    return false;
  }

  private void assertAcknowledgedAreThere(Http http) {
    assertThat(acknowledged).hasSizeGreaterThan(1);
    acknowledged.forEach(path -> http.get(path).expect(200));
  }

  private static void assertPredicts(Http http) {
    http.post("/v1/models/served/versions/1/predict", "{\"instances\": [[1]]}").expect(200);
  }

  private static String health(Http http, String component) {
    return http.get("/actuator/health")
        .json()
        .at("/components/" + component + "/status")
        .stringValue();
  }

  private static void assertHealthy(Http http) {
    http.get("/actuator/health").expect(200);
  }

  private static void awaitHealth(Http http, String database, String disk) {
    while (!health(http, "db").equals(database) || !health(http, "diskSpace").equals(disk)) {
      Http.pause(PAUSE);
    }
  }

  /** What must hold at each moment: the service is alive, ready, predicts and can be scraped. */
  private void probe(Http http) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        assertPredicts(http);
        for (String path : List.of("health/readiness", "health/liveness", "prometheus")) {
          http.get("/actuator/" + path).expect(200);
        }
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      } catch (AssertionError e) {
        wrong.add(e.toString());
      } catch (RuntimeException e) {
        if (!Thread.currentThread().isInterrupted()) {
          wrong.add(e.toString());
        }
      }
    }
  }
}
