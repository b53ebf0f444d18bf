package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** kill -9 loses no acknowledged write, and every accepted job still ends. */
class KilledServiceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Epochs that no machine reaches before the kill; the test stops the job. */
  private static final int ENDLESS = 1_000_000;

  /** The records that a job keeps of its epochs. */
  private static final int KEPT = 10_000;

  private static final List<String> OFTEN = List.of("--trainyard.jobs.checkpoint-every=50ms");

  @TempDir private Path data;

  /**
   * A kill, a SIGTERM and another one, in one life of the data: three starts show all of it. The
   * first is as on a machine where nothing is cached, and where the home folder cannot be written.
   */
  @Test
  void writesAndRunningJobsSurviveAKillAndAStop() throws Exception {
    String interrupted;
    try (ServiceProcess service = startWithoutHome()) {
      assertThat(Files.isDirectory(data.resolve("natives"))).isTrue();
      write(service.http(), 0);
      interrupted = service.http().submit(job("interrupted", ENDLESS));
      service.http().awaitEpoch(interrupted, 3);
      assertThat(service.log()).doesNotContain("Exception").doesNotContain("WARNING:");
      workerEndsWithItsSupervisor(service);
    }
    String stopped;
    try (ServiceProcess service = startOften()) {
      assertWritten(service.http(), 0);
      assertGoesOnAndEndsOnce(service.http(), interrupted, "interrupted");
      stopped = service.http().submit(job("stopped", ENDLESS));
      service.http().awaitEpoch(stopped, 3);
      bothProcessesStop(service);
    }
    try (ServiceProcess service = startWithoutHome()) {
      assertGoesOnAndEndsOnce(service.http(), stopped, "stopped");
      assertThat(service.terminate()).isLessThan(Duration.ofSeconds(20));
      assertThat(service.log())
          .doesNotContain("Exception")
          .doesNotContain("WARNING:")
          .containsPattern("takes jobs, \\d+\\.\\d s after its start");
    }
  }

  /**
   * /proc refuses new files even to root. Numbers have a decimal point on a German machine, too.
   */
  private ServiceProcess startWithoutHome() throws IOException {
    return ServiceProcess.start(
        data,
        MemoryLimit.none(),
        List.of("-Duser.home=/proc", "-Duser.language=de", "-Duser.country=DE"),
        OFTEN);
  }

  private static void workerEndsWithItsSupervisor(ServiceProcess service) {
    long worker = service.awaitWorker(PATIENCE);
    service.kill();

    Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
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

  /** In one life of the data, each start ends what the one before it left. */
  @Test
  @Tag("slow")
  void acceptedJobsOfEveryKindEndOnceWhereverTheyAreKilled() throws Exception {
    Predicting predicting;
    try (ServiceProcess service = startOften()) {
      write(service.http(), 0);
      write(service.http(), 1);
      predicting = killedWhilePredicting(service);
    }
    String sweep;
    try (ServiceProcess service = startOften()) {
      assertWritten(service.http(), 0);
      assertWritten(service.http(), 1);
      assertPredicted(service, predicting);
      sweep = killedWhileSweeping(service);
    }
    String phased;
    try (ServiceProcess service = startWithoutCheckpoints()) {
      assertSwept(service.http(), sweep);
      phased = service.http().submit(phasedJob("killed"));
      assertThat(killed(service, phased, job -> isIn(service.http(), job, 12, "body"))).isTrue();
    }
    try (ServiceProcess service = startOften()) {
      assertThat(killed(service, phased, job -> isIn(service.http(), job, 200, "head"))).isTrue();
    }
    String justAccepted;
    try (ServiceProcess service = startOften()) {
      assertSameBitsAsUndisturbed(service.http(), phased);
      justAccepted = service.http().submit(job("just-accepted", 5));
      service.kill();
    }
    try (ServiceProcess service = startOften()) {
      assertWritten(service.http(), 0);
      assertWritten(service.http(), 1);
      JsonNode job = service.http().await(justAccepted, PATIENCE);
      assertThat(job.get("attempt").intValue()).as("the kill may have hit it").isBetween(1, 2);
      assertEndedOnce(
          service.http(), justAccepted, "just-accepted", job.get("attempt").intValue(), 5);
    }
  }

  private ServiceProcess startOften() throws IOException {
    return ServiceProcess.start(data, MemoryLimit.none(), List.of(), OFTEN);
  }

  /** A job that is killed there begins again. */
  private ServiceProcess startWithoutCheckpoints() throws IOException {
    List<String> seldom = List.of("--trainyard.jobs.checkpoint-every=1h");
    return ServiceProcess.start(data, MemoryLimit.none(), List.of(), seldom);
  }

  /** Kills a sweep behind its third training; gives its path. */
  private static String killedWhileSweeping(ServiceProcess service) throws Exception {
    Http http = service.http();
    for (int epochs = 20; true; epochs *= 2) {
      String path = http.post("/v1/sweeps", sweep(epochs)).expect(202).location();
      if (killed(service, path, sweep -> ended(http, sweep).size() >= 3)) {
        return path;
      }
    }
  }

  /** Trainings that have ended are not repeated, and each counts once. */
  private static void assertSwept(Http http, String path) {
    List<JsonNode> before = ended(http, path);
    JsonNode sweep = http.await(path, PATIENCE);
    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    assertThat(sweep.get("attempt").intValue()).isEqualTo(2);
    assertThat(before).hasSizeBetween(3, 11);
    for (JsonNode job : before) {
      assertThat(http.job("/v1/jobs/" + job.get("id").stringValue())).isEqualTo(job);
    }
    assertThat(ended(http, path)).hasSize(13);
    for (JsonNode trial : sweep.get("trials")) {
      assertThat(trial.get("folds")).hasSize(3);
      assertThat(trial.get("state").stringValue()).isEqualTo("succeeded");
    }
    String model = sweep.at("/result/model").stringValue();
    JsonNode versions = http.get("/v1/models/" + model + "/versions").expect(200).json();
    assertThat(versions.get("versions")).hasSize(1);
  }

  private static String sweep(int epochs) {
    return "{\"parameters\": {\"/training/optimizer/learning_rate\": [0.001, 0.01, 0.02, 0.05]},"
        + " \"cross_validation\": 3, \"job\": "
        + job("swept" + epochs, epochs)
        + "}";
  }

  private static List<JsonNode> ended(Http http, String sweep) {
    String id = sweep.substring(sweep.lastIndexOf('/') + 1);
    return List.copyOf(
        http.get("/v1/jobs?state=succeeded&sweep=" + id).expect(200).json().get("jobs").values());
  }

  /**
   * Kills the service and its workers at a moment of a job, or soon behind it. The workers are
   * stopped first, so that the job cannot end while the test looks.
   *
   * @param moment asked with the path of the job
   * @return false when the job has ended before
   */
  private static boolean killed(ServiceProcess service, String path, Predicate<String> moment)
      throws Exception {
    while (!done(service, path)) {
      if (moment.test(path)) {
        List<Long> workers = service.pids().subList(1, service.pids().size());
        for (long worker : workers) {
          Signals.send(worker, "STOP");
        }
        boolean hit = true; // a stopped worker would outlive a failed look
        try {
          hit = !done(service, path);
        } finally {
          for (long worker : workers) {
            Signals.send(worker, hit ? "KILL" : "CONT");
          }
        }
        if (hit) {
          service.kill();
          return true;
        }
      }
      Http.pause(Duration.ofMillis(5));
    }
    return false;
  }

  private static boolean done(ServiceProcess service, String path) {
    return service.http().job(path).get("done").booleanValue();
  }

  private record Predicting(String path, int rows) {
    String result() {
      return "scored" + rows;
    }
  }

  /** Kills a batch prediction, which keeps what it has every 50 ms, in its midst. */
  private static Predicting killedWhilePredicting(ServiceProcess service) throws Exception {
    Http http = service.http();
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
    for (int rows = 30_000; true; rows *= 2) {
      StringBuilder csv = new StringBuilder("a,b\n");
      for (int row = 0; row < rows; row++) {
        csv.append(row % 1000).append(',').append(row).append('\n');
      }
      http.upload("rows", csv.toString());
      String result = new Predicting("", rows).result();
      String path =
          http.post(
                  "/v1/batch-predictions",
                  "{\"model\": \"wide\", \"dataset\": {\"name\": \"rows\"}, \"result\":"
                      + " {\"dataset\": \""
                      + result
                      + "\"}}")
              .expect(202)
              .location();
      if (killed(service, path, job -> http.job(job).at("/progress/fraction").asDouble(0) >= 0.2)) {
        return new Predicting(path, rows);
      }
    }
  }

  /** What was predicted before is not predicted again, and it published once. */
  private static void assertPredicted(ServiceProcess service, Predicting predicting)
      throws Exception {
    Http http = service.http();
    JsonNode job = http.await(predicting.path(), PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(2);
    assertThat(service.log()).containsPattern("Continues after row [1-9]");
    String result = "/v1/datasets/" + predicting.result() + "/versions";
    JsonNode versions = http.get(result).expect(200).json();
    assertThat(versions.get("versions")).hasSize(1);
    String[] lines = http.get(result + "/1/content", "Accept", "text/csv").text().split("\n");
    assertThat(lines).hasSize(predicting.rows() + 1);
    for (int row = 0; row < predicting.rows(); row++) {
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

  /** A job that was killed before its first checkpoint, and behind one in the other phase. */
  private static void assertSameBitsAsUndisturbed(Http http, String path) {
    JsonNode killed = http.await(path, PATIENCE);
    JsonNode whole = http.await(http.submit(phasedJob("whole")), PATIENCE);
    assertThat(killed.get("state").stringValue()).as(killed.toString()).isEqualTo("succeeded");
    assertThat(killed.get("attempt").intValue()).isEqualTo(3);
    assertThat(killed.get("best").get("loss")).isEqualTo(whole.get("best").get("loss"));
    assertThat(weights(http, "killed")).isEqualTo(weights(http, "whole"));
  }

  private static boolean isIn(Http http, String path, int epoch, String phase) {
    JsonNode job = http.job(path);
    return job.at("/metrics/epoch").asInt(0) >= epoch
        && job.at("/progress/phase").asString("").equals(phase);
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
     "training": {"loss": "mse", "batch_size": 16, "seed": 5, "repeat_phases": 3,
                  "phases": [
                    {"name": "body", "train": ["dense_1", "dropout_1"], "epochs": 150,
                     "optimizer": "rmsprop"},
                    {"name": "head", "train": ["dense_2"], "epochs": 150, "optimizer": "adam",
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

  /** It goes on behind its last checkpoint; each epoch counts once. */
  private static void assertGoesOnAndEndsOnce(Http http, String path, String model) {
    http.awaitEpoch(path, 1 + http.job(path).at("/metrics/epoch").asInt(0));
    http.post(path + "/stop").expect(202);
    JsonNode job = http.await(path, PATIENCE);
    int epochs = job.at("/metrics/epoch").intValue();
    assertEndedOnce(http, path, model, 2, Math.min(epochs, KEPT));
  }

  private static void assertEndedOnce(
      Http http, String path, String model, int attempt, int epochs) {
    JsonNode job = http.await(path, PATIENCE);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(attempt);
    JsonNode versions = http.get("/v1/models/" + model + "/versions").expect(200).json();
    assertThat(versions.get("versions")).hasSize(1);
    JsonNode metrics = http.get(path + "/metrics").expect(200).json();
    assertThat(metrics.get("epochs").values().stream().map(each -> each.get("epoch").intValue()))
        .hasSize(epochs)
        .doesNotHaveDuplicates()
        .startsWith(1);
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
