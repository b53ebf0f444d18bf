package io.trainyard.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.StartRefusedException;
import io.trainyard.memory.MemoryShares;
import io.trainyard.memory.ProcessMemory;
import io.trainyard.start.Migration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.DeferredLogs;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.unit.DataSize;

@Isolated("the output of the process is read")
class MemorySettingsTest {

  @Test
  void aBudgetSetsTheMemoryOfEachPart() {
    long heap = Runtime.getRuntime().maxMemory();
    // 10 GB beside the heap, the libraries and two hosts.
    long total = heap + (384L << 20) + (192L << 20) + (10L << 30);
    StandardEnvironment environment =
        process(
            Map.of(
                "trainyard.memory", total + "B",
                "trainyard.jobs.pools.cpu.slots", "2",
                "trainyard.datasets.concurrency", "4"));

    assertThat(size(environment, "jobs.memory")).isEqualTo(10 * 1024 / 2 / 2);
    assertThat(size(environment, "datasets.memory")).isEqualTo(10 * 1024 / 5 / 4);
    assertThat(size(environment, "predict.loaded-bytes")).isEqualTo(1536);
    assertThat(size(environment, "train.resident-limit")).isEqualTo(10 * 1024 / 8);
  }

  /** A container of 512 MiB; the kernel would end the processes. */
  @Test
  void tooLittleMemoryForTheProcessesRefusesTheStart() {
    MemoryShares.Processes all = new MemoryShares.Processes(64L << 20, 1, 128L << 20, 2);
    assertThatThrownBy(() -> MemorySettings.checkMachine(all, 512L << 20))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("need at least 832 MB")
        .hasMessageContaining("has 512 MB");
    MemorySettings.checkMachine(all, 1L << 30);
  }

  /** It has no tensors: the chart gives it 512 MiB. */
  @Test
  void aMigrationDividesNoMemory() {
    StandardEnvironment environment = new StandardEnvironment();
    new MemorySettings(new DeferredLogs())
        .postProcessEnvironment(environment, new SpringApplication(Migration.class));

    assertThat(environment.getProperty("trainyard.memory")).isNull();
  }

  @Test
  void withoutABudgetMostOfTheMachineIsUsed() {
    StandardEnvironment environment = process(Map.of());

    assertThat(size(environment, "memory"))
        .isBetween(
            (ProcessMemory.granted() >> 20) * 79 / 100, (ProcessMemory.granted() >> 20) * 4 / 5);
  }

  @Test
  void aSettingOfAPartStays() {
    StandardEnvironment environment = process(Map.of("trainyard.jobs.memory", "100MB"));

    assertThat(size(environment, "jobs.memory")).isEqualTo(100);
  }

  @Test
  void aProcessThatLeavesJobsToOthersKeepsNoMemoryForThem() {
    long total = Runtime.getRuntime().maxMemory() + (4L << 30);
    Map<String, Object> settings =
        new HashMap<>(Map.of("trainyard.memory", total + "B", "trainyard.jobs.memory", "100GB"));
    assertThatThrownBy(() -> process(settings)).hasMessageContaining("jobs 102400 MB");
    settings.put("trainyard.roles", "api");
    StandardEnvironment environment = process(settings);

    assertThat(size(environment, "jobs.memory")).isEqualTo(100 << 10);
    assertThat(size(environment, "predict.memory")).isGreaterThan(512);
  }

  @Test
  void eachOfManyTasksGetsEnough() {
    StandardEnvironment environment = process(Map.of("trainyard.datasets.concurrency", "200"));

    assertThat(size(environment, "datasets.memory")).isGreaterThanOrEqualTo(64);
  }

  @Test
  void partsBeyondABudgetThatWasSetStopTheStart() {
    Map<String, Object> settings =
        Map.of("trainyard.memory", "2GB", "trainyard.jobs.memory", "3GB");

    assertThatThrownBy(() -> process(settings))
        .as("one line in the log, no stack")
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("more memory than trainyard.memory")
        .hasMessageContaining("jobs 3072 MB")
        .hasMessageContaining("of 2048 MB");
  }

  @Test
  void partsBeyondADefaultBudgetAreOnlyWarnedOf() {
    assertThat(size(process(Map.of("trainyard.jobs.memory", "100TB")), "jobs.memory"))
        .isEqualTo(100 << 20);
  }

  @Test
  void aWorkerGetsItsShareOfTheBudget() {
    long heap = Runtime.getRuntime().maxMemory();
    // 10 GB beside the heaps and the libraries of both processes, and two hosts.
    long total = heap + (384L << 20) + (512L << 20) + (256L << 20) + (192L << 20) + (10L << 30);
    StandardEnvironment environment =
        process(
            Map.of(
                "trainyard.jobs.isolation", "process",
                "trainyard.jobs.worker-heap", "512MB",
                "trainyard.memory", total + "B",
                "trainyard.datasets.concurrency", "4"));

    assertThat(size(environment, "jobs.memory")).isEqualTo(10 * 1024 / 2);
    // Its job reads rows beside the four tasks of callers.
    assertThat(size(environment, "datasets.memory")).isEqualTo(2048 / 5);
    assertThat(size(environment, "predict.memory")).isEqualTo(1536);
    assertThat(size(environment, "jobs.worker-memory"))
        .isBetween(768 + 5120 + 2047 + 767L, 768 + 5120 + 2048 + 768L);
  }

  @Test
  void aWorkerKeepsWhatItsSupervisorDivided() {
    StandardEnvironment environment =
        process(Map.of("trainyard.supervisor", "socket", "trainyard.memory", "1GB"));

    assertThat(environment.getPropertySources().contains("memoryShares")).isFalse();
  }

  private static StandardEnvironment process(Map<String, Object> settings) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", settings));
    environment
        .getPropertySources()
        .addLast(new MapPropertySource("defaults", Map.of("trainyard.jobs.isolation", "none")));
    new MemorySettings(new DeferredLogs())
        .postProcessEnvironment(environment, new SpringApplication());
    return environment;
  }

  private static long size(StandardEnvironment environment, String name) {
    return Binder.get(environment).bind("trainyard." + name, DataSize.class).get().toMegabytes();
  }
}
