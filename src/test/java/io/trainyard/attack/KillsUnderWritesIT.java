package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.process.MemoryLimit;
import io.trainyard.process.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Kills -9 while callers write. Nothing acknowledged is lost, nothing is there twice, and once
 * everything is deleted the cleanup leaves no file.
 */
@Tag("attack")
class KillsUnderWritesIT {
  private static final int KILLS = Integer.getInteger("attack.kills", 100);
  private static final String JOB =
      """
      {"model": "kept", "dataset": {"name": "line"}, "training": {"loss": "mse", "epochs": 3}}
      """;
  private static final String MODEL =
      """
      {"name": "kept", "inputs": {"x": {"columns": ["a"]}}, "targets": {"b": {"column": "b"}},
       "network": {"layers": [{"type": "dense", "units": 1}]}}
      """;

  @TempDir private Path data;

  private final Random random = new Random(7);
  private final AtomicInteger number = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  /** The paths of what was acknowledged. */
  private final Set<String> written = ConcurrentHashMap.newKeySet();

  /** What ended a writer, other than the kill. */
  private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();

  @Test
  void nothingAcknowledgedIsLostOrDoubled() throws Exception {
    try (ServiceProcess service = start()) {
      service.http().upload("line", "a,b\n1,2\n2,4\n3,6\n");
      service.http().put("/v1/models/kept", MODEL);
      service.kill();
    }
    for (int kill = 0; kill < KILLS; kill++) {
      try (ServiceProcess service = start()) {
        List<Thread> writers = writers(service.http());
        Http.pause(Duration.ofMillis(200 + random.nextInt(1_500)));
        service.kill();
        for (Thread writer : writers) {
          writer.join();
        }
      }
      assertThat(faults).as("kill %d", kill).isEmpty();
    }
    System.out.printf(
        "%d kills: %d writes acknowledged, %d refused with Retry-After%n",
        KILLS, written.size(), refused.get());
    checkAndDelete();
    assertThat(filesAfterCleanup()).isEmpty();
  }

  private ServiceProcess start() throws IOException {
    // A kill often meets a job that the kill before has met.
    return ServiceProcess.start(
        data,
        MemoryLimit.none(),
        List.of("-Xmx512m"),
        List.of("--trainyard.jobs.crash-limit=1000"));
  }

  private List<Thread> writers(Http http) {
    List<Runnable> writes =
        List.of(
            () -> {
              String name = "d" + number.incrementAndGet();
              String csv = "a,b\n" + number + "," + random.nextInt() + "\n";
              Http.Answer answer =
                  http.post("/v1/datasets?name=" + name, "text/csv", Http.utf8(csv));
              note(answer, 201, "/v1/datasets/" + name + "/versions/1/rows");
            },
            () -> {
              String name = "m" + number.incrementAndGet();
              Http.Answer answer =
                  http.post("/v1/models", MODEL.replace("kept", name), "Idempotency-Key", name);
              note(answer, 201, "/v1/models/" + name);
            },
            () -> {
              Http.Answer answer = http.post("/v1/jobs", JOB);
              note(answer, 202, answer.location());
            },
            () -> {
              String name = "i" + number.incrementAndGet();
              String spec =
                  "{\"name\": \"%s\", \"network\": {\"inputs\": {\"x\": {\"shape\": [2]}}, \"layers\": [{\"type\": \"repeat\", \"n\": 2}]}}"
                      .formatted(name);
              Http.Answer answer =
                  new Multipart().part("spec", spec).post(http, "/v1/models/" + name + "/versions");
              note(answer, 201, "/v1/models/" + name + "/versions/1");
            });
    return writes.stream()
        .map(write -> Thread.ofVirtual().start(() -> untilKilled(write)))
        .toList();
  }

  /** Notes a path that an answer acknowledges. A service may also ask to come back later. */
  private void note(Http.Answer answer, int acknowledged, String path) {
    if (answer.status() == 503 && !answer.header("Retry-After").isEmpty()) {
      refused.incrementAndGet();
      Http.pause(Duration.ofMillis(100));
    } else {
      answer.expect(acknowledged);
      written.add(path);
    }
  }

  private void untilKilled(Runnable write) {
    try {
      while (true) {
        write.run();
      }
    } catch (UncheckedIOException killed) {
      // as intended
    } catch (RuntimeException | AssertionError fault) {
      faults.add(fault);
    }
  }

  /** Reads what was acknowledged, waits for the jobs, and deletes everything. */
  private void checkAndDelete() throws IOException, InterruptedException {
    try (ServiceProcess service = start()) {
      Http http = service.http();
      List<String> lost = new ArrayList<>();
      for (String path : written) {
        if (http.get(path).status() != 200) {
          lost.add(path);
        }
      }
      assertThat(lost).as("lost of %d", written.size()).isEmpty();
      List<JsonNode> jobs = new ArrayList<>();
      for (JsonNode job : all(http, "/v1/jobs", "jobs")) {
        jobs.add(http.await("/v1/jobs/" + job.get("id").stringValue(), Duration.ofMinutes(5)));
      }
      assertThat(jobs)
          .allSatisfy(job -> assertThat(job.get("state").stringValue()).isEqualTo("succeeded"));
      assertThat(jobs.stream().map(job -> job.at("/result/version").intValue()))
          .doesNotHaveDuplicates();
      assertThat(all(http, "/v1/models/kept/versions", "versions")).hasSameSizeAs(jobs);
      delete(http);
      assertThat(service.terminate()).isLessThan(Duration.ofSeconds(25));
    }
  }

  private static void delete(Http http) {
    all(http, "/v1/jobs", "jobs")
        .forEach(job -> http.delete("/v1/jobs/" + job.get("id").stringValue()));
    all(http, "/v1/models", "models")
        .forEach(model -> http.delete("/v1/models/" + model.get("name").stringValue()));
    for (JsonNode dataset : all(http, "/v1/datasets", "datasets")) {
      String versions = "/v1/datasets/" + dataset.get("name").stringValue() + "/versions";
      all(http, versions, "versions")
          .forEach(version -> http.delete(versions + "/" + version.get("version").intValue()));
    }
    assertThat(all(http, "/v1/models", "models")).isEmpty();
    assertThat(all(http, "/v1/datasets", "datasets")).isEmpty();
  }

  private static List<JsonNode> all(Http http, String path, String list) {
    List<JsonNode> all = new ArrayList<>();
    String token = "";
    do {
      JsonNode page =
          http.get(path + "?page_size=500" + (token.isEmpty() ? "" : "&page_token=" + token))
              .expect(200)
              .json();
      page.get(list).forEach(all::add);
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    return all;
  }

  /** The files of data after two cleanups, each an hour after the files were last touched. */
  private List<Path> filesAfterCleanup() throws Exception {
    for (int run = 0; run < 2; run++) {
      makeTheDatabaseOlder();
      for (Path file : files()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
      }
      try (ServiceProcess service = start()) {
        Http.pause(Duration.ofMinutes(2).plusSeconds(15));
        service.terminate();
      }
    }
    return files();
  }

  /** A cleanup keeps files that are older than their database. */
  private void makeTheDatabaseOlder() throws SQLException {
    String url = "jdbc:h2:" + data.resolve("database").resolve("trainyard");
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "update database_identity set created_at = dateadd(day, -1, created_at)");
    }
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String folder : List.of("datasets", "weights", "checkpoints", "tmp", "scratch")) {
      Path path = data.resolve(folder);
      if (Files.isDirectory(path)) {
        try (Stream<Path> found = Files.walk(path)) {
          found
              .filter(Files::isRegularFile)
              .filter(file -> !file.endsWith("lock"))
              .forEach(files::add);
        }
      }
    }
    return files;
  }
}
