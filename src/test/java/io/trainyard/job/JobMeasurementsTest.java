package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.job.process.Message;
import org.junit.jupiter.api.Test;

class JobMeasurementsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final JobMeasurements measurements = TestJobs.measurements(meters);

  @Test
  void whatAWorkerMeasuredIsAdded() {
    measurements.add(new Message.Waited("cpu", 2_000_000_000L));
    measurements.add(new Message.Ended("failed", "cpu", "sweep", 3_000_000_000L));
    measurements.add(new Message.Failed("time_limit"));
    measurements.add(new Message.Checkpointed(1 << 20, 5_000_000));
    measurements.add(new Message.CheckpointFailed());
    measurements.add(new Message.Trained(40));

    assertThat(meters.get("trainyard.jobs.queue.wait").tag("pool", "cpu").timer().count())
        .isEqualTo(1);
    assertThat(
            meters
                .get("trainyard.jobs.duration")
                .tags("state", "failed", "pool", "cpu", "kind", "sweep")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(failures("time_limit")).isEqualTo(1);
    assertThat(failures("internal")).isZero();
    assertThat(meters.get("trainyard.jobs.checkpoint").timer().count()).isEqualTo(1);
    assertThat(meters.get("trainyard.jobs.checkpoint.size").summary().totalAmount())
        .isEqualTo(1 << 20);
    assertThat(meters.get("trainyard.jobs.checkpoint.failures").counter().count()).isEqualTo(1);
    assertThat(meters.get("trainyard.training.rows").counter().count()).isEqualTo(40);
  }

  private double failures(String code) {
    return meters.get("trainyard.jobs.failures").tag("code", code).counter().count();
  }

  @Test
  void failureHasItsCodeAndACancelHasNone() {
    Job job = TestJobs.queued();
    measurements.failed("worker_lost");
    measurements.finished(job, new JobState.Failed(new JobState.Failure("internal", "why")));
    measurements.finished(job, new JobState.Cancelled());
    assertThat(failures("worker_lost")).isEqualTo(1);
    assertThat(failures("internal")).isEqualTo(1);
    assertThat(failures("unavailable")).isZero();
  }

  @Test
  void slotsAreThoseOfThePoolAndBusyOnesOfItsJobs() {
    assertThat(slots("trainyard.jobs.slots")).isEqualTo(1);
    assertThat(slots("trainyard.jobs.slots.busy")).isZero();
    measurements.occupied("cpu", 1);
    assertThat(slots("trainyard.jobs.slots.busy")).isEqualTo(1);
    measurements.occupied("cpu", 0);
    assertThat(slots("trainyard.jobs.slots.busy")).isZero();
  }

  private double slots(String name) {
    return meters.get(name).tag("pool", "cpu").gauge().value();
  }
}
