package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.job.check.WorkerPool;
import io.trainyard.tensor.Device;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class JobPropertiesTest {
  @Test
  void defaultsAreTheDocumentedOnes() {
    JobProperties properties = TestJobs.properties();
    assertThat(properties.pools()).isEqualTo(Map.of("cpu", new WorkerPool(1, 0, Device.CPU)));
    assertThat(properties.heartbeat()).isEqualTo(Duration.ofSeconds(5));
    assertThat(properties.missedHeartbeats()).isEqualTo(12);
    assertThat(properties.poll()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(properties.shutdownWait()).isEqualTo(Duration.ofSeconds(20));
    assertThat(properties.crashLimit()).isEqualTo(3);
    assertThat(properties.deviceWait()).isEqualTo(Duration.ofHours(24));
    assertThat(properties.suspectWait()).isEqualTo(Duration.ofMinutes(10));
    assertThat(properties.queueCapacity()).isEqualTo(20_000);
    assertThat(properties.keptCheckpoints()).isEqualTo(DataSize.ofGigabytes(1));
    assertThat(properties.maxStepMultiplyAdds()).isEqualTo(10_000_000_000_000L);
  }

  @Test
  void everySettingIsRead() {
    JobProperties properties =
        TestJobs.properties(
            "pools.gpu.slots", "2",
            "pools.gpu.threads", "3",
            "pools.gpu.device", "cuda",
            "queue-capacity", "7",
            "heartbeat", "1s",
            "missed-heartbeats", "5",
            "poll", "50ms",
            "shutdown-wait", "3s",
            "crash-limit", "1",
            "retry-pause", "8s",
            "device-wait", "3h",
            "suspect-wait", "4m",
            "checkpoint-every", "9s",
            "retention", "2h",
            "kept-checkpoints", "5MB",
            "memory", "3GB",
            "max-step-multiply-adds", "500");
    assertThat(properties)
        .isEqualTo(
            new JobProperties(
                Map.of("gpu", new WorkerPool(2, 3, Device.CUDA)),
                7,
                Duration.ofSeconds(1),
                5,
                Duration.ofMillis(50),
                Duration.ofSeconds(3),
                1,
                Duration.ofSeconds(8),
                Duration.ofHours(3),
                Duration.ofMinutes(4),
                Duration.ofSeconds(9),
                Duration.ofHours(2),
                DataSize.ofMegabytes(5),
                DataSize.ofGigabytes(3),
                500));
  }

  @Test
  void poolsAreSortedByName() {
    JobProperties properties =
        TestJobs.properties("pools.gpu.device", "cuda", "pools.cpu.slots", "0");
    assertThat(properties.pools().keySet()).containsExactly("cpu", "gpu");
  }

  @Test
  void processWithoutThePoolsDeviceDoesNotStart() {
    JobProperties served = TestJobs.properties("pools.gpu.device", "cuda");
    assertThatThrownBy(() -> PoolDevices.require(served, () -> false))
        .hasMessageContaining("trainyard.jobs.pools.gpu.device is cuda")
        .hasMessageContaining("trainyard.jobs.pools.gpu.slots=0");
    PoolDevices.require(served, () -> true);
    PoolDevices.require(
        TestJobs.properties("pools.gpu.device", "cuda", "pools.gpu.slots", "0"), () -> false);
  }

  @ParameterizedTest
  @CsvSource({
    "queue-capacity, 0",
    "heartbeat, 0s",
    "missed-heartbeats, 3",
    "poll, 2m",
    "crash-limit, -1",
    "device-wait, -1s",
    "retention, 1s",
    "pools.cpu.slots, -1",
    "pools.UPPER.slots, 1",
    "pools.cpu.threads, -1",
  })
  void badSettingStopsTheStart(String name, String setting) {
    assertThatThrownBy(() -> TestJobs.properties(name, setting))
        .rootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trainyard.jobs");
  }
}
