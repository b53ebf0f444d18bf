package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.store.database.Timestamps;
import io.trainyard.train.StopReason;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** A job that may have crashed its worker, beside a job that trains for hours. */
@Tag("long")
@TestPropertySource(properties = "trainyard.jobs.pools.cpu.slots=2")
class SuspectJobsTest extends ScriptedJobs {
  private @Autowired JdbcClient jdbc;

  /** Trains until it is told to suspend; the second time it ends. */
  private static ScriptedTraining.Script longTraining() {
    AtomicBoolean suspended = new AtomicBoolean();
    return (call, listener) -> {
      report(listener, 1);
      if (!suspended.get() && await(listener) == TrainingCommand.SUSPEND) {
        suspended.set(true);
        return new TrainingOutcome.Suspended(checkpoint());
      }
      return finished(call, 1, StopReason.EPOCHS);
    };
  }

  /** A suspect, which another worker holds until it is one. */
  private String suspect() {
    AtomicBoolean released = new AtomicBoolean();
    String blocker =
        submitted(
            (call, _) -> {
              while (!released.get()) {
                Http.pause(Duration.ofMillis(5));
              }
              return finished(call, 1, StopReason.EPOCHS);
            });
    awaitState(blocker, "running");
    String path = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS));
    jdbc.sql("update jobs set crash_suspect = true where id = :id")
        .param("id", job(path).id())
        .update();
    released.set(true);
    awaitState(blocker, "succeeded");
    return path;
  }

  @Test
  void aSuspectWaitsInTheQueueAndRunsAfterTheLimit() {
    String longJob = submitted(longTraining());
    awaitState(longJob, "running");
    String suspect = suspect();
    String cancelled = suspect();

    // It holds no slot, and can be cancelled.
    String other = submitted((call, _) -> finished(call, 1, StopReason.EPOCHS));
    assertThat(http.await(other, SOON).get("state").stringValue()).isEqualTo("succeeded");
    assertThat(job(suspect).state()).isInstanceOf(JobState.Queued.class);
    assertThat(job(longJob).attempt()).isEqualTo(1);
    http.post(cancelled + "/cancel");
    awaitState(cancelled, "cancelled");

    jdbc.sql("update job_events set created_at = :then where job_id = :id")
        .param("then", Timestamps.time(Instant.now().minus(Duration.ofMinutes(11))))
        .param("id", job(suspect).id())
        .update();
    assertThat(http.await(suspect, SOON).get("state").stringValue()).isEqualTo("succeeded");
    JsonNode continued = http.await(longJob, SOON);
    assertThat(continued.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(continued.get("attempt").intValue()).isEqualTo(2);
  }
}
