package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A scrape gets the counts of jobs without waiting for the database. */
@Timeout(60)
class JobMetricsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CountDownLatch answered = new CountDownLatch(1);

  /** A database that answers when the test says so. */
  private final class SlowCounts implements JobCounts {
    @Override
    public Map<JobState.Name, Long> byState() {
      return whenAnswered(Map.of(JobState.Name.RUNNING, 2L));
    }

    @Override
    public Map<String, Long> queued() {
      return whenAnswered(Map.of("cpu", 7L));
    }

    private <T> T whenAnswered(T counts) {
      try {
        answered.await();
        return counts;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private double depth() {
    return meters.get("trainyard.jobs.queue.depth").tag("pool", "cpu").gauge().value();
  }

  private double running() {
    return meters.get("trainyard.jobs").tag("state", "running").gauge().value();
  }

  @Test
  void scrapeDoesNotWaitForTheDatabase() {
    try (JobMetrics _ =
        new JobMetrics(meters, new SlowCounts(), TestJobs.properties(), Clock.systemUTC())) {
      assertThat(depth()).as("not known yet").isNaN();
      assertThat(running()).isNaN();
      answered.countDown();
      while (Double.isNaN(running())) {
        Thread.onSpinWait();
      }
      assertThat(running()).isEqualTo(2);
      assertThat(depth()).isEqualTo(7);
    }
  }
}
