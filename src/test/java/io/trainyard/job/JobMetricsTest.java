package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
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
  private JobStore slowStore() {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (_, method, _) -> {
              answered.await();
              return method.getName().equals("queueDepths")
                  ? Map.of("cpu", 7L)
                  : Map.of(JobState.Name.RUNNING, 2L);
            });
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
        new JobMetrics(meters, slowStore(), TestJobs.properties(), Clock.systemUTC())) {
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
