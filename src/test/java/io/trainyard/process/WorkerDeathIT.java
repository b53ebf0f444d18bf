package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What a job does to its worker process, no caller of the service feels. {@code -Dworkers.kills}
 * sets how many workers are killed; profile {@code attack} makes it 50.
 */
@Timeout(3600)
class WorkerDeathIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> QUICK =
      List.of(
          "--test.native-crash=true",
          "--trainyard.jobs.crash-limit=1000",
          "--trainyard.jobs.worker-restart-pause=500ms",
          "--trainyard.jobs.checkpoint-every=100ms");
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}]}";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path data;

  private ServiceProcess start(String... settings) throws Exception {
    List<String> all = new ArrayList<>(QUICK);
    all.addAll(List.of(settings));
    ServiceProcess service = ServiceProcess.startFromClasses(data, all);
    service.http().upload("line", JobTemplate.rows());
    return service;
  }

  /** One service for all of it: the process that answers callers must survive each part. */
  @Test
  @Tag("slow")
  void crashesAndKillsReachOnlyTheJobOrTheImportThatCausedThem() throws Exception {
    try (ServiceProcess service = start("--trainyard.jobs.pools.cpu.slots=2")) {
      aliasIsLoadedWhereCallersAreAnswered(service);
      importThatCrashesIsRefused(service.http());
      poisonJobFailsAndTheOneBesideItSucceeds(service);
      killedWorkersLoseNothingAndDisturbNobody(service);
      assertThat(service.isAlive()).isTrue();
    }
  }

  private void poisonJobFailsAndTheOneBesideItSucceeds(ServiceProcess service) throws Exception {
    Http http = service.http();
    service.awaitWorker(PATIENCE);
    String beside = http.submit(JobTemplate.MOMENTUM.job("beside", "line", 1_000_000));
    http.awaitEpoch(beside, 1);
    String poison = http.submit(poison());

    JsonNode failed = http.await(poison, PATIENCE);
    assertThat(failed.get("state").stringValue()).as(failed.toString()).isEqualTo("failed");
    assertThat(failed.get("attempt").intValue()).isEqualTo(2);
    JsonNode error = failed.get("error");
    assertThat(error.get("code").stringValue()).isEqualTo("worker_crashed");
    assertThat(error.get("detail").stringValue()).contains("SIGSEGV in", "libc.so.6");
    assertThat(error.get("epoch").intValue()).isEqualTo(2);

    // A stop while it waits for the next worker would cancel it.
    http.awaitEpoch(beside, 1 + http.job(beside).at("/metrics/epoch").asInt(0));
    http.post(beside + "/stop").expect(202);
    JsonNode succeeded = http.await(beside, PATIENCE);
    assertThat(succeeded.get("state").stringValue())
        .as(succeeded.toString())
        .isEqualTo("succeeded");
    // One of the import, two of the job.
    try (Stream<Path> crashes = Files.list(data.resolve("crashes"))) {
      assertThat(crashes).hasSize(3);
    }
    String metrics = http.get("/actuator/prometheus").expect(200).text();
    assertThat(metrics).contains("trainyard_workers_deaths_total{cause=\"crash\"} 3.0");
  }

  private static String poison() {
    return """
    {"model": {"name": "poison", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 1, "name": "poison"}]}},
     "dataset": {"name": "line"}, "training": {"loss": "mse", "epochs": 50}}
    """;
  }

  private static void importThatCrashesIsRefused(Http http) {
    String spec =
        """
        {"name": "bad", "network": {"inputs": {"x": {"shape": [1]}},
          "layers": [{"type": "dense", "units": 1, "name": "poisonous"}]}}
        """;
    new Multipart()
        .part("spec", spec)
        .part("weights", weights("poisonous").bytes())
        .post(http, "/v1/models/bad/versions")
        .expectProblem(422, "worker_crashed")
        .expectFault("/spec/network", "crashes on one row");
    http.get("/v1/models/bad").expect(404);

    http.importVersion(
        "good", spec.replace("poisonous", "sound").replace("bad", "good"), weights("sound"));
    http.post("/v1/models/good/predict", "{\"instances\": [[3]]}").expect(200);
  }

  private static Weights weights(String layer) {
    return new Weights()
        .with(layer + ".weight", Shape.of(1, 1), 2)
        .with(layer + ".bias", Shape.of(1), 1);
  }

  private static void aliasIsLoadedWhereCallersAreAnswered(ServiceProcess service)
      throws Exception {
    Http http = service.http();
    String job = JobTemplate.DROPOUT.job("warm", "line", 2).strip();
    http.await(
        http.submit(job.replaceFirst("\\{", "{\"on_success\": {\"alias\": \"live\"}, ")), PATIENCE);

    Instant deadline = Instant.now().plus(PATIENCE);
    while (!http.get("/actuator/prometheus").text().contains("predict_loaded_models 1.0")) {
      assertThat(Instant.now()).as("no version is loaded").isBefore(deadline);
      Http.pause(Duration.ofMillis(50));
    }
    Http.pause(Duration.ofMillis(500));
    http.post("/v1/models/warm/versions/live/predict", PREDICT).expect(200);
    // Not again for the first prediction.
    assertThat(service.log().split("Loaded warm@", -1)).hasSize(2);
  }

  private static void killedWorkersLoseNothingAndDisturbNobody(ServiceProcess service)
      throws Exception {
    int kills = Integer.getInteger("workers.kills", 2);
    Random random = new Random(Long.getLong("workers.seed", System.nanoTime()));
    Http http = service.http();
    Map<JobTemplate, byte[]> expected = Verdict.undisturbed(http, PATIENCE);
    http.await(http.submit(JobTemplate.DROPOUT.job("served", "line", 2)), PATIENCE);
    Bystanders bystanders = new Bystanders(http);
    Map<String, JobTemplate> jobs = new HashMap<>();
    for (int kill = 0; kill < kills; kill++) {
      JobTemplate recipe = JobTemplate.of(kill);
      jobs.put(http.submit(recipe.job("k" + kill, "line", JobTemplate.EPOCHS)), recipe);
      long worker = service.awaitWorker(PATIENCE);
      Http.pause(Duration.ofMillis(random.nextInt(2_500)));
      Signals.send(worker, random.nextBoolean() ? "KILL" : "SEGV");
    }
    for (Map.Entry<String, JobTemplate> entry : jobs.entrySet()) {
      JsonNode job = http.await(entry.getKey(), PATIENCE);
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      String model = job.get("model").stringValue();
      assertThat(http.get("/v1/models/" + model + "/versions/1/weights").expect(200).bytes())
          .as(model)
          .isEqualTo(expected.get(entry.getValue()));
    }
    bystanders.awaitPredictions(100 * kills);
    bystanders.end();
    assertThat(bystanders.failures).isEmpty();
  }

  /** Callers who predict about 200 times a second and upload now and then. */
  private static final class Bystanders {
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger predictions = new AtomicInteger();
    private final AtomicInteger uploads = new AtomicInteger();
    private final AtomicBoolean done = new AtomicBoolean();
    private final List<Thread> threads;

    Bystanders(Http http) {
      threads =
          List.of(
              repeat(5, () -> predict(http)),
              repeat(5, () -> predict(http)),
              repeat(
                  500,
                  () ->
                      note(
                          http.post(
                              "/v1/datasets?name=u" + uploads.incrementAndGet(),
                              "text/csv",
                              Http.utf8("a,b\n1,2\n")),
                          201)));
    }

    private void predict(Http http) {
      note(http.post("/v1/models/served/predict", PREDICT), 200);
      predictions.incrementAndGet();
    }

    private Thread repeat(int pause, Runnable call) {
      return Thread.ofVirtual()
          .start(
              () -> {
                while (!done.get()) {
                  try {
                    call.run();
                  } catch (RuntimeException e) {
                    failures.add(e.toString());
                  }
                  Http.pause(Duration.ofMillis(pause));
                }
              });
    }

    private void note(Http.Answer answer, int expected) {
      if (answer.status() != expected) {
        failures.add(answer.toString());
      }
    }

    void awaitPredictions(int count) {
      Instant deadline = Instant.now().plus(PATIENCE);
      while (predictions.get() < count) {
        assertThat(Instant.now()).as("%s predictions", predictions).isBefore(deadline);
        Http.pause(Duration.ofMillis(20));
      }
    }

    void end() throws InterruptedException {
      done.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
