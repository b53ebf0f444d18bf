package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.tensor.Device;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingOutcome;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A worker whose job another worker has started. */
class LostJobTest extends ScriptedJobs {
  private @Autowired JdbcClient jdbc;

  /** The first attempt trains. A job runs earlier: an attempt that prepares can lose it too. */
  private final CountDownLatch training = new CountDownLatch(1);

  /** Another worker picks the job and starts it. */
  private void takeOver(String id) {
    jdbc.sql("update scheduled_tasks set picked_by = 'other' where task_instance = :id")
        .param("id", id)
        .update();
    assertThat(attempts.start(id, new JobState.Running("other", Device.CPU))).isPresent();
  }

  /**
   * In this test the queue still has the job picked by this process, so the process starts it
   * again.
   */
  @Test
  void workerThatLostItsJobIsToldAndChangesNothing() throws Exception {
    AtomicReference<@Nullable TrainingCommand> told = new AtomicReference<>();
    String path =
        submitted(
            (call, listener) -> {
              if (told.get() != null) {
                return new TrainingOutcome.Cancelled();
              }
              training.countDown();
              report(listener, 1);
              told.set(await(listener));
              // It ignores the command; its result is refused.
              report(listener, 2);
              return finished(call, 2, StopReason.EPOCHS);
            });
    training.await();
    takeOver(job(path).id());
    JsonNode job = http.await(path, SOON);
    assertThat(told.get()).isEqualTo(TrainingCommand.CANCEL);
    assertThat(job.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(job.get("attempt").intValue()).isEqualTo(3);
    assertThat(versions()).isZero();
    assertThat(http.get(path + "/metrics").json().get("epochs").size())
        .as("epochs after the loss")
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
              training.countDown();
              try {
                taken.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              listener.checkpoint(checkpoint());
              told.set(listener.command());
              return new TrainingOutcome.Cancelled();
            });
    training.await();
    takeOver(job(path).id());
    taken.countDown();
    http.await(path, SOON);
    assertThat(told.get()).isEqualTo(TrainingCommand.CANCEL);
  }
}
