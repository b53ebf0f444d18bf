package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.store.s3.TestObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A backup that is taken under load fills an empty installation with every version that was
 * acknowledged before it began: from embedded H2 to PostgreSQL with an object store, and back.
 */
@Tag("slow")
@Timeout(400)
class BackupIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  @TempDir private Path folder;

  @Test
  void acknowledgedVersionsComeBack() throws Exception {
    try (TestObjectStore objects = TestObjectStore.open();
        Database database = new Database(folder.resolve("database"));
        ServiceProcess old = start("old", List.of())) {
      old.http().upload("line", JobTemplate.rows());
      Saved first = saveUnderLoad(old.http(), "first");
      old.kill();
      List<String> settings =
          Stream.concat(
                  objects.settings().stream(),
                  Stream.of(
                      "--spring.datasource.url=" + database.url(),
                      "--spring.datasource.username=postgres"))
              .toList();
      Saved second;
      try (ServiceProcess shared = start("shared", settings)) {
        restore(shared.http(), first);
        second = saveUnderLoad(shared.http(), "second");
      }
      try (ServiceProcess again = start("again", List.of())) {
        restore(again.http(), second);
      }
    }
  }

  private ServiceProcess start(String name, List<String> settings) throws Exception {
    return ServiceProcess.start(
        folder.resolve(name), MemoryLimit.none(), List.of("-Xmx512m"), settings);
  }

  /**
   * An archive.
   *
   * @param predictions of the versions that were acknowledged before it began, by path
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Saved(byte[] archive, Map<String, String> predictions, String running) {}

  private static Saved saveUnderLoad(Http http, String name) throws Exception {
    Map<String, String> acknowledged = new ConcurrentHashMap<>();
    AtomicBoolean stopped = new AtomicBoolean();
    List<Thread> load =
        Stream.of(1, 2)
            .map(
                i -> Thread.ofVirtual().start(() -> publish(http, name + i, acknowledged, stopped)))
            .toList();
    while (acknowledged.size() < 6) {
      Http.pause(Duration.ofMillis(50));
    }
    // It takes the only slot, so that the jobs behind it are queued.
    String running = http.submit(JobTemplate.MOMENTUM.job(name + "-running", "line", 100_000));
    http.awaitEpoch(running, 3);
    Map<String, String> before = new TreeMap<>(acknowledged);
    byte[] archive = http.get("/v1/backup").expect(200).bytes();
    stopped.set(true);
    http.post(running + "/cancel");
    for (Thread thread : load) {
      thread.join();
    }
    return new Saved(archive, before, running);
  }

  private static void publish(
      Http http, String model, Map<String, String> acknowledged, AtomicBoolean stopped) {
    while (!stopped.get()) {
      JsonNode job = http.await(http.submit(JobTemplate.DROPOUT.job(model, "line", 1)), PATIENCE);
      String path =
          "/v1/models/%s/versions/%d/predict"
              .formatted(model, job.at("/result/version").intValue());
      acknowledged.put(path, http.post(path, PREDICT).expect(200).text());
    }
  }

  private static void restore(Http http, Saved saved) {
    http.post("/v1/restore", "application/zip", saved.archive()).expect(200);
    saved
        .predictions()
        .forEach(
            (path, prediction) ->
                assertThat(http.post(path, PREDICT).expect(200).text())
                    .as(path)
                    .isEqualTo(prediction));
    // The job that ran goes on.
    http.awaitEpoch(saved.running(), 4);
    http.post(saved.running() + "/cancel");
    http.post("/v1/restore", "application/zip", saved.archive()).expect(409);
  }
}
