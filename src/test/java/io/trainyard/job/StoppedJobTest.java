package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingOutcome;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A running job that is cancelled, stopped or suspended. */
class StoppedJobTest extends ScriptedJobs {
  private @Autowired Worker worker;

  @Test
  void cancelReachesTheTrainingAndDiscardsItsResult() {
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
  void stopPublishesTheWeightsSoFar() {
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
  void stopBeforeTheFirstEpochCancels() {
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
  void suspendedJobIsRequeuedAndContinuesFromItsCheckpoint() {
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
    assertThat(job(path).crashes()).as("crashes").isZero();
    worker.resume();
    JsonNode job = http.await(path, SOON);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(Objects.requireNonNull(resumed.get()).position()).isEqualTo(checkpoint().position());
    assertThat(http.get(path + "/metrics").json().get("epochs").size()).isEqualTo(1);
  }
}
