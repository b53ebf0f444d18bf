package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.NonFiniteLossException;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What a worker makes of all that training can end in; a script stands in for the trainer. */
@ServiceTest
@Timeout(60)
class WorkerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Trains as the script of the job's model says. */
  static final class ScriptedTraining implements Training {
    private final Map<Long, Script> scripts = new ConcurrentHashMap<>();

    @Override
    public TrainingOutcome train(
        TrainingPlan plan,
        PreparedData data,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      return Objects.requireNonNull(scripts.get(plan.seed()))
          .train(new Call(plan, resume), listener);
    }

    @Override
    public Map<String, String> libraries() {
      return Map.of();
    }
  }

  /** What the trainer was called with. */
  record Call(TrainingPlan plan, @Nullable Checkpoint resume) {}

  interface Script {
    TrainingOutcome train(Call call, TrainingListener listener);
  }

  @TestConfiguration
  static class Scripted {
    @Bean
    @Primary
    ScriptedTraining scriptedTraining() {
      return new ScriptedTraining();
    }
  }

  private static final AtomicInteger SEEDS = new AtomicInteger();

  private @Autowired ScriptedTraining training;
  private @Autowired JobStore store;
  private @Autowired Worker worker;
  private @Autowired JdbcClient jdbc;
  private @Autowired Http http;
  private String model = "";

  @BeforeEach
  void connect(TestInfo test) {
    http.sample("xor");
    String name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    model = name.substring(0, Math.min(60, name.length()));
  }

  private String submitted(Script script) {
    return submitted(script, "");
  }

  private String submitted(Script script, String more) {
    long seed = SEEDS.incrementAndGet();
    training.scripts.put(seed, script);
    return http.submit(
        """
        {"model": {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
                   "targets": {"y": {"column": "y", "type": "class"}},
                   "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 10, "seed": %d}%s}
        """
            .formatted(model, seed, more));
  }

  private Job job(String path) {
    return store.find(path.substring("/v1/jobs/".length())).orElseThrow();
  }

  /** Another worker has found the job's place in the queue free, and starts it. */
  private void takeOver(String id) {
    jdbc.sql("UPDATE scheduled_tasks SET picked_by = 'other' WHERE task_instance = ?")
        .param(id)
        .update();
    assertThat(store.start(id, new JobState.Running("other", Device.CPU))).isPresent();
  }

  private int versions() {
    return http.get("/v1/models/" + model + "/versions").expect(200).json().get("versions").size();
  }

  private static TrainingOutcome.Finished finished(Call call, int epochs, StopReason reason) {
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    for (WeightSpec weight : call.plan().shapes().weights()) {
      weights.put(weight.name(), HostTensor.allocate(ElementType.FLOAT32, weight.shape()));
    }
    EpochRecord last = epochs == 0 ? null : record(epochs);
    return new TrainingOutcome.Finished(
        weights, last, last, Map.of(), Map.of(), reason, epochs, 1, Device.CPU, 0.1);
  }

  private static EpochRecord record(int epoch) {
    return new EpochRecord(epoch, "", Map.of("loss", 1.0 / epoch), 0.1, 0.01);
  }

  private static void report(TrainingListener listener, int epoch) {
    listener.epoch(record(epoch), new Progress("", epoch, 10, 1, 1, epoch / 10.0, 1, 100));
  }

  /** Works until it is asked for something. */
  private static TrainingCommand await(TrainingListener listener) {
    while (listener.command() == TrainingCommand.CONTINUE) {
      Http.pause(Duration.ofMillis(5));
    }
    return listener.command();
  }

  private void awaitState(String path, String state) {
    while (!http.get(path).json().get("state").stringValue().equals(state)) {
      Http.pause(Duration.ofMillis(10));
    }
  }

  @Test
  void whatTrainingFinishesIsPublished() {
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

  /**
   * The place in the queue is still this process's, other than after a real loss: it begins again.
   */
  @Test
  void workerThatLostItsJobIsToldAndChangesNothing() {
    AtomicReference<@Nullable TrainingCommand> told = new AtomicReference<>();
    String path =
        submitted(
            (call, listener) -> {
              if (told.get() != null) {
                return new TrainingOutcome.Cancelled();
              }
              report(listener, 1);
              told.set(await(listener));
              // It does not even listen: what it gives is not taken.
              report(listener, 2);
              return finished(call, 2, StopReason.EPOCHS);
            });
    awaitState(path, "running");
    Job before = job(path);
    takeOver(before.id());
    JsonNode job = http.await(path, SOON);
    assertThat(told.get()).isEqualTo(TrainingCommand.CANCEL);
    assertThat(job.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(job.get("attempt").intValue()).isEqualTo(3);
    assertThat(versions()).isZero();
    assertThat(http.get(path + "/metrics").json().get("epochs").size())
        .as("what it measured after the loss")
        .isLessThanOrEqualTo(1);
  }

  @Test
  void checkpointOfALostJobEndsTheAttempt() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    AtomicReference<@Nullable TrainingCommand> told = new AtomicReference<>();
    String path =
        submitted(
            (_, listener) -> {
              if (told.get() != null) {
                return new TrainingOutcome.Cancelled();
              }
              try {
                taken.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              listener.checkpoint(checkpoint());
              told.set(listener.command());
              return new TrainingOutcome.Cancelled();
            });
    awaitState(path, "running");
    takeOver(job(path).id());
    taken.countDown();
    http.await(path, SOON);
    assertThat(told.get()).isEqualTo(TrainingCommand.CANCEL);
  }

  private static Checkpoint checkpoint() {
    return new Checkpoint(
        new Checkpoint.Position(1, 1, 1, 0.5, record(1), record(1), 0, null, List.of()), Map.of());
  }

  @Test
  void cancelReachesTrainingAndWinsOverAResult() {
    String path =
        submitted(
            (call, listener) -> {
              report(listener, 1);
              assertThat(await(listener)).isEqualTo(TrainingCommand.CANCEL);
              return finished(call, 1, StopReason.EPOCHS);
            });
    awaitState(path, "running");
    http.post(path + "/cancel").expect(202);
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("cancelled");
    Http.pause(Duration.ofMillis(300));
    assertThat(job(path).state()).isEqualTo(new JobState.Cancelled());
    assertThat(versions()).isZero();
  }

  @Test
  void stopPublishesWhatThereIs() {
    String path =
        submitted(
            (call, listener) -> {
              report(listener, 1);
              assertThat(await(listener)).isEqualTo(TrainingCommand.STOP);
              return finished(call, 1, StopReason.STOPPED);
            });
    awaitState(path, "running");
    http.post(path + "/stop").expect(202);
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(job.get("stop_reason").stringValue()).isEqualTo("stopped");
    assertThat(versions()).isEqualTo(1);
  }

  @Test
  void stopBeforeAnEpochCancels() {
    String path =
        submitted(
            (_, listener) -> {
              assertThat(await(listener)).isEqualTo(TrainingCommand.STOP);
              return new TrainingOutcome.Cancelled();
            });
    awaitState(path, "running");
    http.post(path + "/stop").expect(202);
    assertThat(http.await(path, SOON).get("state").stringValue()).isEqualTo("cancelled");
  }

  @Test
  void jobThatFailsByItselfIsNotTriedAgain() {
    Map<String, RuntimeException> failures =
        Map.of(
            "non_finite_loss", new NonFiniteLossException(3, 7, "fc", "the loss is NaN"),
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
  void jobThatRunsOutOfMemoryFailsAndTheWorkerLives() {
    String path =
        submitted(
            (_, _) -> {
              throw new OutOfMemoryError("made up");
            });
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).isEqualTo("failed");
    assertThat(job.at("/error/detail").stringValue()).contains("out of memory");
    String next = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS));
    assertThat(http.await(next, SOON).get("state").stringValue()).isEqualTo("succeeded");
  }

  @Test
  void suspendedJobIsHandedBackWithItsCheckpointAndGoesOnFromThere() {
    AtomicReference<@Nullable Checkpoint> resumed = new AtomicReference<>();
    String path =
        submitted(
            (call, listener) -> {
              Checkpoint from = call.resume();
              if (from != null && listener.command() == TrainingCommand.CONTINUE) {
                resumed.set(from);
                return finished(call, 2, StopReason.EPOCHS);
              }
              if (from == null) {
                report(listener, 1);
              }
              return await(listener) == TrainingCommand.SUSPEND
                  ? new TrainingOutcome.Suspended(from == null ? checkpoint() : from)
                  : new TrainingOutcome.Cancelled();
            });
    awaitState(path, "running");
    worker.suspend();
    while (job(path).attempt() < 2) {
      Http.pause(Duration.ofMillis(10));
    }
    assertThat(job(path).crashes()).as("handing back is no crash").isZero();
    worker.resume();
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(Objects.requireNonNull(resumed.get()).position()).isEqualTo(checkpoint().position());
    assertThat(http.get(path + "/metrics").json().get("epochs").size()).isEqualTo(1);
  }

  @Test
  void aliasMovesToAVersionThatIsLoadedAndStaysWhenItCannotBe() {
    String onSuccess = ", \"on_success\": {\"alias\": \"blue\"}";
    String path = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS), onSuccess);
    assertThat(http.await(path, SOON).at("/result/alias/moved").booleanValue()).isTrue();
    String loaded = http.get("/actuator/prometheus").text();
    assertThat(loaded).containsPattern("trainyard_predict_loaded_models[^\n]* [1-9]");
    // Weights that do not fit the network.
    String broken =
        submitted(
            (call, _) -> {
              TrainingOutcome.Finished whole = finished(call, 1, StopReason.EPOCHS);
              return new TrainingOutcome.Finished(
                  Map.of(),
                  whole.best(),
                  whole.last(),
                  Map.of(),
                  Map.of(),
                  whole.reason(),
                  1,
                  1,
                  Device.CPU,
                  0.1);
            },
            onSuccess);
    JsonNode job = http.await(broken, SOON);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.at("/result/alias/moved").booleanValue()).isFalse();
    assertThat(job.at("/result/alias/reason").stringValue()).contains("could not be loaded");
    JsonNode alias = http.get("/v1/models/" + model + "/aliases/blue").expect(200).json();
    assertThat(alias.get("version").intValue()).isEqualTo(1);
  }

  @Test
  void nothingTrainedIsNothingPublished() {
    String path = submitted((call, _) -> finished(call, 0, StopReason.TIME_LIMIT));
    assertThat(http.await(path, SOON).get("state").stringValue()).isEqualTo("cancelled");
    assertThat(versions()).isZero();
  }
}
