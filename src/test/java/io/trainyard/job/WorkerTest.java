package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.engine.DeviceShortageException;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.SmartLifecycle;
import tools.jackson.databind.JsonNode;

/** How a worker ends a job, for each way that a training can end. */
@Tag("long")
class WorkerTest extends ScriptedJobs {
  @Autowired
  @Qualifier("jobSchedulers")
  private SmartLifecycle schedulers;

  @Autowired private WorkerRegister register;
  @Autowired private DataDirectory data;

  @Test
  void workerIsInTheRegisterWhileItTakesJobs() {
    schedulers.stop();
    try {
      assertThat(register.living()).isEmpty();
    } finally {
      schedulers.start();
    }
    assertThat(register.living().getFirst().pools()).containsKey("cpu");
  }

  @Test
  void resultOfATrainingIsPublished() {
    String path =
        submitted(
            (call, listener) -> {
              report(listener, 1);
              report(listener, 2);
              return finished(call, 2, StopReason.EPOCHS);
            });
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(job.get("attempt").intValue()).isEqualTo(1);
    assertThat(versions()).isEqualTo(1);
    assertThat(http.get(path + "/metrics").json().get("epochs").size()).isEqualTo(2);
  }

  @Test
  void jobTellsItsThreadsAndThatItAskedForMore() {
    AtomicInteger allowed = new AtomicInteger();
    ScriptedTraining.Script script =
        (call, _) -> {
          allowed.set(call.plan().threads());
          return finished(call, 1, StopReason.EPOCHS);
        };
    JsonNode plain = http.await(submitted(script), SOON);
    assertThat(plain.get("threads").intValue()).isEqualTo(allowed.get()).isPositive();
    assertThat(plain.get("warnings").toString()).doesNotContain("threads_reduced");

    JsonNode one = http.await(submitted(script, ", \"resources\": {\"threads\": 1}"), SOON);
    assertThat(one.get("threads").intValue()).isEqualTo(1);
    assertThat(one.get("warnings").toString()).doesNotContain("threads_reduced");

    JsonNode many = http.await(submitted(script, ", \"resources\": {\"threads\": 1000}"), SOON);
    assertThat(many.get("threads").intValue()).isEqualTo(allowed.get()).isLessThan(1000);
    assertThat(many.get("warnings"))
        .anySatisfy(
            warning -> {
              assertThat(warning.get("code").stringValue()).isEqualTo("threads_reduced");
              assertThat(warning.get("pointer").stringValue()).isEqualTo("/resources/threads");
              assertThat(warning.get("detail").stringValue())
                  .startsWith("1000 threads were asked for, the job trains with " + allowed.get());
            });
  }

  @Test
  void trainingWithoutAnEpochPublishesNothing() {
    String path = submitted((call, _) -> finished(call, 0, StopReason.TIME_LIMIT));
    assertThat(http.await(path, SOON).get("state").stringValue()).isEqualTo("cancelled");
    assertThat(versions()).isZero();
  }

  @Test
  void aTimeLimitBeforeTheFirstEpochsEndFailsTheJobWithWhatWasMeasured() {
    Progress progress = new Progress("", 1, 5, 12, 40, 0.06, 30, 100);
    String path = submitted((_, _) -> new TrainingOutcome.OutOfTime(progress, 2.125));
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("failed");
    assertThat(job.get("stop_reason").stringValue()).isEqualTo("time_limit");
    assertThat(job.at("/error/code").stringValue()).isEqualTo("time_limit");
    assertThat(job.at("/error/detail").stringValue())
        .contains("after 2.13 s, in step 13 of 40 of the first epoch", "allow more time");
    assertThat(job.at("/progress/step").intValue()).isEqualTo(12);
    assertThat(job.at("/progress/steps_per_epoch").intValue()).isEqualTo(40);
    assertThat(versions()).isZero();
  }

  @Test
  void jobThatFailsByItselfIsNotRetried() {
    Map<String, RuntimeException> failures =
        Map.of(
            "non_finite_loss", new NonFiniteLossException(3, 7, "fc", "clip it"),
            "too_much_memory", new ServiceException(ErrorCode.TOO_MUCH_MEMORY, "no room"),
            "internal", new IllegalStateException("a secret of the service"));
    failures.forEach(
        (code, failure) -> {
          AtomicInteger starts = new AtomicInteger();
          String path =
              submitted(
                  (_, _) -> {
                    starts.incrementAndGet();
                    throw failure;
                  });
          JsonNode job = http.await(path, SOON);
          assertThat(job.get("state").stringValue()).as(code).isEqualTo("failed");
          assertThat(job.at("/error/code").stringValue()).isEqualTo(code);
          assertThat(job.get("attempt").intValue()).isEqualTo(1);
          assertThat(job.toString()).doesNotContain("a secret", "Exception");
          if (code.equals("non_finite_loss")) {
            assertThat(job.at("/error/epoch").intValue()).isEqualTo(3);
            assertThat(job.at("/error/step").intValue()).isEqualTo(7);
            assertThat(job.at("/error/layer").stringValue()).isEqualTo("fc");
          }
          Http.pause(Duration.ofMillis(200));
          assertThat(starts).as(code).hasValue(1);
        });
  }

  @Test
  void jobWithoutRoomOnItsDeviceWaitsAndSaysForWhat() {
    String path =
        submitted(
            (_, _) -> {
              throw new DeviceShortageException("memory of 'cuda': needs 4.2 GB, 1.1 GB free");
            });
    while (!http.get(path).json().get("waits_for").asString("").startsWith("its next attempt")) {
      Http.pause(Duration.ofMillis(10));
    }
    JsonNode job = http.get(path).json();
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("queued");
    assertThat(job.get("waits_for").stringValue())
        .startsWith("its next attempt, at ")
        .endsWith(". Waits for memory of 'cuda': needs 4.2 GB, 1.1 GB free");
    http.post(path + "/cancel").expect(202);
  }

  @Test
  void jobWhoseProgressCannotBeStoredFails() {
    Map<String, Double> values = new HashMap<>();
    for (int metric = 0; metric < 12_000; metric++) {
      values.put("m".repeat(100) + metric, 1.0);
    }
    EpochRecord tooLong = new EpochRecord(1, "", values, 0.1, 0.01);
    Progress progress = new Progress("", 1, 10, 1, 1, 0.1, 1, 100);
    AtomicInteger starts = new AtomicInteger();
    String whileRunning =
        submitted(
            (_, listener) -> {
              starts.incrementAndGet();
              listener.epoch(tooLong, progress);
              await(listener);
              return new TrainingOutcome.Cancelled();
            });
    List<String> paths = new ArrayList<>(List.of(whileRunning));
    // The report of the epoch may be on its way when the training ends.
    for (int pause : List.of(0, 30, 60, 90, 120, 150, 180, 210, 240, 270)) {
      paths.add(
          submitted(
              (call, listener) -> {
                starts.incrementAndGet();
                listener.epoch(tooLong, progress);
                Http.pause(Duration.ofMillis(pause));
                return finished(call, 1, StopReason.EPOCHS);
              }));
    }
    for (String path : paths) {
      JsonNode job = http.await(path, SOON);
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("failed");
      assertThat(job.at("/error/code").stringValue()).isEqualTo("internal");
    }
    assertThat(starts).hasValue(paths.size());
    String next = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS));
    assertThat(http.await(next, SOON).get("state").stringValue()).isEqualTo("succeeded");
  }

  @Test
  void jobThatRunsOutOfMemoryFailsAndTheWorkerLives() {
    String path =
        submitted(
            (_, _) -> {
              throw new OutOfMemoryError("for the test");
            });
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("failed");
    assertThat(job.at("/error/detail").stringValue()).contains("out of memory");
    String next = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS));
    assertThat(http.await(next, SOON).get("state").stringValue()).isEqualTo("succeeded");
  }

  /** Another attempt would find the same library. */
  @Test
  void jobWhoseCodeCannotBeLoadedFails() {
    String path =
        submitted(
            (_, _) -> {
              throw new NoClassDefFoundError("for the test");
            });
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("failed");
    assertThat(job.at("/error/code").stringValue()).isEqualTo("internal");
  }

  @Test
  void aliasMovesOnlyToAVersionThatCanBeLoaded() {
    String onSuccess = ", \"on_success\": {\"alias\": \"blue\"}";
    String path = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS), onSuccess);
    assertThat(http.await(path, SOON).at("/result/alias/moved").booleanValue()).isTrue();
    String loaded = http.get("/actuator/prometheus").text();
    assertThat(loaded).containsPattern("trainyard_predict_loaded_models[^\n]* [1-9]");
    // Weights that do not fit the network.
    String broken =
        submitted(
            (call, _) -> finished(call, 1, StopReason.EPOCHS).withWeights(Map.of()), onSuccess);
    JsonNode job = http.await(broken, SOON);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.at("/result/alias/moved").booleanValue()).isFalse();
    assertThat(job.at("/result/alias/reason").stringValue()).contains("could not be loaded");
    JsonNode alias = http.get("/v1/models/" + model + "/aliases/blue").expect(200).json();
    assertThat(alias.get("version").intValue()).isEqualTo(1);
  }

  /** As on a network file system whose server restarts: publishing needs the file three times. */
  @Test
  void weightsThatAreAwayForAMomentArePublishedWithTheirAlias(@TempDir Path folder)
      throws Exception {
    Set<Path> before = weights();
    List<Future<Path>> moves = new ArrayList<>();
    try (var thread = Executors.newVirtualThreadPerTaskExecutor()) {
      String path =
          submitted(
              (call, _) -> {
                TrainingOutcome.Finished outcome = finished(call, 1, StopReason.EPOCHS);
                // No other version shares the file.
                outcome.weights().values().forEach(own -> own.data().fill((byte) 0x3e));
                moves.add(thread.submit(() -> hide(before, folder.resolve("away"))));
                return outcome;
              },
              ", \"on_success\": {\"alias\": \"blue\"}");
      JsonNode job = http.await(path, SOON);
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      assertThat(job.get("attempt").intValue()).isEqualTo(1);
      assertThat(job.at("/result/alias/moved").booleanValue()).as(job.toString()).isTrue();
      assertThat(moves.getFirst().get()).exists();
    }
  }

  private Set<Path> weights() throws IOException {
    try (Stream<Path> files = Files.walk(data.folder("weights"))) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.toString().endsWith(".tmp"))
          .collect(Collectors.toSet());
    }
  }

  /** Hides the next file of weights as soon as it is there. */
  private Path hide(Set<Path> before, Path away) throws Exception {
    while (true) {
      for (Path file : weights()) {
        if (!before.contains(file)) {
          Files.move(file, away);
          Thread.sleep(700);
          return Files.move(away, file);
        }
      }
      Thread.sleep(1);
    }
  }
}
