package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** kill -9 loses no acknowledged write, and every accepted job still ends. */
class KilledServiceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int PREDICTED = 30_000;
  private static final List<String> OFTEN = List.of("--trainyard.jobs.checkpoint-every=50ms");

  @TempDir private Path data;

  /** A kill and then a SIGTERM, in one life of the data: three starts show all of it. */
  @Test
  void writesAndRunningJobsSurviveAKillAndAStop() throws Exception {
    String interrupted;
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      write(service.http(), 0);
      interrupted = service.http().submit(job("interrupted", 200));
      service.http().awaitEpoch(interrupted, 3);
      workerEndsWithItsSupervisor(service);
    }
    String stopped;
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      assertWritten(service.http(), 0);
      assertEndedOnce(service.http(), interrupted, "interrupted", 2, 200);
      stopped = service.http().submit(job("stopped", 400));
      service.http().awaitEpoch(stopped, 3);
      bothProcessesStop(service);
    }
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      assertEndedOnce(service.http(), stopped, "stopped", 2, 400);
    }
  }

  private static void workerEndsWithItsSupervisor(ServiceProcess service) {
    long worker = service.awaitWorker(PATIENCE);
    service.kill();

    Instant deadline = Instant.now().plus(Duration.ofSeconds(2));
    while (isAlive(worker)) {
      assertThat(Instant.now()).as("the worker lives").isBefore(deadline);
      Http.pause(Duration.ofMillis(10));
    }
  }

  private static void bothProcessesStop(ServiceProcess service) throws Exception {
    long worker = service.awaitWorker(PATIENCE);

    assertThat(service.terminate()).isLessThan(Duration.ofSeconds(25));
    assertThat(isAlive(worker)).isFalse();
    assertThat(service.log()).contains("Requeued").doesNotContain(" died: ");
  }

  private static boolean isAlive(long process) {
    return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Each start finds the writes of those before, and ends the jobs that they left. */
  @Test
  @Tag("slow")
  void acknowledgedWritesSurviveAndAcceptedJobsEndOnce() throws Exception {
    String interrupted;
    String justAccepted;
    String predicting;
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      write(service.http(), 0);
      interrupted = service.http().submit(job("interrupted", 400));
      service.http().awaitEpoch(interrupted, 3);
      service.kill();
    }
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      assertWritten(service.http(), 0);
      assertEndedOnce(service.http(), interrupted, "interrupted", 2, 400);
      write(service.http(), 1);
      predicting = predicting(service.http());
      justAccepted = service.http().submit(job("just-accepted", 5));
      service.kill();
    }
    try (ServiceProcess service =
        ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN)) {
      assertWritten(service.http(), 0);
      assertWritten(service.http(), 1);
      assertPredicted(service, predicting);
      JsonNode job = service.http().await(justAccepted, PATIENCE);
      assertThat(job.get("attempt").intValue()).as("the kill may have hit it").isBetween(1, 2);
      assertEndedOnce(
          service.http(), justAccepted, "just-accepted", job.get("attempt").intValue(), 5);
    }
  }

  /** Trainings that have ended are not repeated, and each counts once. */
  @Test
  @Tag("slow")
  void aSweepGoesOnWhereItWasKilled() throws Exception {
    String path;
    try (ServiceProcess service = ServiceProcess.start(data)) {
      write(service.http(), 0);
      String sweep =
          "{\"parameters\": {\"/training/optimizer/learning_rate\": [0.001, 0.01, 0.02, 0.05]},"
              + " \"cross_validation\": 3, \"job\": "
              + job("swept", 20)
              + "}";
      path = service.http().post("/v1/sweeps", sweep).expect(202).location();
      while (ended(service.http(), path).size() < 3) {
        Http.pause(Duration.ofMillis(10));
      }
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(data)) {
      List<JsonNode> before = ended(service.http(), path);
      JsonNode sweep = service.http().await(path, PATIENCE);
      assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
      assertThat(sweep.get("attempt").intValue()).isEqualTo(2);
      assertThat(before).hasSizeBetween(3, 11);
      for (JsonNode job : before) {
        assertThat(service.http().job("/v1/jobs/" + job.get("id").stringValue())).isEqualTo(job);
      }
      List<JsonNode> all = ended(service.http(), path);
      assertThat(all).hasSize(13);
      for (JsonNode trial : sweep.get("trials")) {
        assertThat(trial.get("folds")).hasSize(3);
        assertThat(trial.get("state").stringValue()).isEqualTo("succeeded");
      }
      JsonNode versions = service.http().get("/v1/models/swept/versions").expect(200).json();
      assertThat(versions.get("versions")).hasSize(1);
    }
  }

  private static List<JsonNode> ended(Http http, String sweep) {
    String id = sweep.substring(sweep.lastIndexOf('/') + 1);
    return List.copyOf(
        http.get("/v1/jobs?state=succeeded&sweep=" + id).expect(200).json().get("jobs").values());
  }

  /** A batch prediction that runs; it keeps what it has every 50 ms. */
  private static String predicting(Http http) {
    StringBuilder csv = new StringBuilder("a,b\n");
    for (int row = 0; row < PREDICTED; row++) {
      csv.append(row % 1000).append(',').append(row).append('\n');
    }
    http.upload("rows", csv.toString());
    http.importVersion(
        "wide",
        """
        {"name": "wide", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "y"}},
         "network": {"layers": [
           {"type": "dense", "name": "w", "units": 1500, "bias": false},
           {"type": "dense", "name": "v", "units": 1500, "bias": false},
           {"type": "dense", "name": "y", "units": 1, "bias": false}]}}
        """,
        new Weights()
            .with("w.weight", Shape.of(1500, 1), repeated(1500, 1))
            .with("v.weight", Shape.of(1500, 1500), repeated(1500 * 1500, 1 / 1500f))
            .with("y.weight", Shape.of(1, 1500), repeated(1500, 1 / 1500f)));
    String path =
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"wide\", \"dataset\": {\"name\": \"rows\"}, \"result\": {\"dataset\":"
                    + " \"scored\"}}")
            .expect(202)
            .location();
    while (http.job(path).at("/progress/fraction").asDouble(0) < 0.2) {
      assertThat(http.job(path).get("done").booleanValue()).isFalse();
      Http.pause(Duration.ofMillis(5));
    }
    return path;
  }

  /** What was predicted before is not predicted again, and it published once. */
  private static void assertPredicted(ServiceProcess service, String path) throws Exception {
    Http http = service.http();
    JsonNode job = http.await(path, PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(2);
    assertThat(service.log()).containsPattern("Continues after row [1-9]");
    JsonNode versions = http.get("/v1/datasets/scored/versions").expect(200).json();
    assertThat(versions.get("versions")).hasSize(1);
    String[] lines =
        http.get("/v1/datasets/scored/versions/1/content", "Accept", "text/csv").text().split("\n");
    assertThat(lines).hasSize(PREDICTED + 1);
    for (int row = 0; row < PREDICTED; row++) {
      String[] cells = lines[row + 1].split(",");
      boolean right =
          cells[1].equals(Integer.toString(row))
              && Math.abs(Double.parseDouble(cells[2]) - row % 1000) < 0.1;
      assertThat(right).as(lines[row + 1]).isTrue();
    }
  }

  private static float[] repeated(int count, float number) {
    float[] numbers = new float[count];
    Arrays.fill(numbers, number);
    return numbers;
  }

  /** Killed once in each phase, in different repeats. */
  @Test
  @Tag("slow")
  void aJobKilledInEachPhaseEndsWithTheSameBits() throws Exception {
    String phased;
    try (ServiceProcess service = ServiceProcess.start(data)) {
      write(service.http(), 0);
      phased = service.http().submit(phasedJob("killed"));
      service.http().awaitEpoch(phased, 12);
      assertThat(phase(service.http(), phased)).isEqualTo("body");
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(data)) {
      service.http().awaitEpoch(phased, 100);
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(data)) {
      JsonNode killed = service.http().await(phased, PATIENCE);
      JsonNode whole = service.http().await(service.http().submit(phasedJob("whole")), PATIENCE);
      assertThat(killed.get("state").stringValue()).as(killed.toString()).isEqualTo("succeeded");
      assertThat(killed.get("attempt").intValue()).isEqualTo(3);
      assertThat(killed.get("best").get("loss")).isEqualTo(whole.get("best").get("loss"));
      assertThat(weights(service.http(), "killed")).isEqualTo(weights(service.http(), "whole"));
    }
  }

  private static String phase(Http http, String job) {
    return http.job(job).at("/progress/phase").stringValue();
  }

  private static byte[] weights(Http http, String model) {
    return http.get("/v1/models/" + model + "/versions/1/weights").expect(200).bytes();
  }

  private static String phasedJob(String model) {
    return """
    {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]}}, "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"},
                                      {"type": "dropout", "rate": 0.1},
                                      {"type": "dense", "units": 1}]}},
     "dataset": {"name": "d0", "split": {"validation": 0.2}},
     "training": {"loss": "mse", "batch_size": 16, "seed": 5, "repeat_phases": 2,
                  "phases": [
                    {"name": "body", "train": ["dense_1", "dropout_1"], "epochs": 80,
                     "optimizer": "rmsprop"},
                    {"name": "head", "train": ["dense_2"], "epochs": 80, "optimizer": "adam",
                     "learning_rate_schedule": "cosine"}]}}
    """
        .formatted(model);
  }

  private static void write(Http http, int round) {
    StringBuilder csv = new StringBuilder("a,b\n");
    for (int i = 0; i < 2_000; i++) {
      csv.append(i / 2_000.0).append(',').append(i / 1_000.0 + round).append('\n');
    }
    http.upload("d" + round, csv.toString());
    http.post("/v1/models", model("m" + round)).expect(201);
  }

  private static void assertWritten(Http http, int round) {
    http.get("/v1/datasets/d" + round + "/versions/1/rows").expect(200);
    http.get("/v1/models/m" + round).expect(200);
  }

  private static void assertEndedOnce(
      Http http, String path, String model, int attempt, int epochs) {
    JsonNode job = http.await(path, PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(attempt);
    JsonNode versions = http.get("/v1/models/" + model + "/versions").expect(200).json();
    assertThat(versions.get("versions")).hasSize(1);
    JsonNode metrics = http.get(path + "/metrics").expect(200).json();
    assertThat(metrics.get("epochs")).hasSize(epochs);
  }

  private static String model(String name) {
    return """
    {"name": "%s", "inputs": {"x": {"columns": ["a"]}}, "targets": {"b": {"column": "b"}},
     "network": {"layers": [{"type": "dense", "units": 1}]}}
    """
        .formatted(name);
  }

  private static String job(String model, int epochs) {
    return """
    {"model": %s, "dataset": {"name": "d0"},
     "training": {"loss": "mse", "epochs": %d, "batch_size": 16, "seed": 5,
                  "optimizer": {"type": "sgd", "learning_rate": 0.01}}}
    """
        .formatted(model(model), epochs);
  }
}
