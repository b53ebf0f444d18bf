package io.trainyard.job.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.EngineProperties;
import io.trainyard.job.TestJobs;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.Roles;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.unit.DataSize;

class WorkerSettingsTest {
  private static final Set<Roles.Role> BOTH = Set.of(Roles.Role.API, Roles.Role.WORKER);

  private static WorkerSettings settings(int workers, String... jobs) {
    return settings(BOTH, workers, jobs);
  }

  private static WorkerSettings settings(Set<Roles.Role> roles, int workers, String... jobs) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "divided",
                Map.of(
                    "trainyard.data-dir", "./data",
                    "trainyard.jobs.memory", "5MB",
                    "trainyard.datasets.memory", "6MB",
                    "trainyard.predict.memory", "7MB",
                    "trainyard.predict.loaded-bytes", "8MB",
                    "trainyard.train.resident-limit", "9MB")));
    ProcessProperties processes =
        new ProcessProperties(
            ProcessProperties.Isolation.PROCESS,
            workers,
            DataSize.ofMegabytes(256),
            DataSize.ofGigabytes(3),
            10,
            Duration.ofSeconds(30));
    return new WorkerSettings(
        environment,
        TestJobs.properties(jobs),
        processes,
        new EngineProperties(null, 8),
        () -> Map.of("spring.datasource.url", "jdbc:h2:tcp:secret"),
        new Roles(roles));
  }

  @Test
  void aWorkerOnlyTrainsWithinItsBudget() {
    assertThat(settings(1).of(0))
        .containsEntry("trainyard.roles", "worker")
        .containsEntry("spring.main.web-application-type", "none")
        .containsEntry("trainyard.memory", (3L << 30) + "B")
        .containsEntry("trainyard.data-dir", "./data")
        .containsEntry("trainyard.jobs.memory", "5MB")
        .containsEntry("trainyard.predict.memory", "7MB")
        .containsEntry("spring.datasource.url", "jdbc:h2:tcp:secret");
  }

  @Test
  void aProcessThatLeavesJobsToOthersHasAWorkerWithoutSlots() {
    assertThat(settings(Set.of(Roles.Role.API), 1, "pools.cpu.slots", "3").of(0))
        .containsEntry("trainyard.jobs.pools.cpu.slots", "0");
  }

  @Test
  void theSlotsOfAPoolAreDividedAndEachJobKeepsItsThreads() {
    WorkerSettings settings =
        settings(2, "pools.cpu.slots", "3", "pools.few.slots", "1", "pools.few.threads", "5");

    assertThat(settings.of(0))
        .containsEntry("trainyard.jobs.pools.cpu.slots", "2")
        .containsEntry("trainyard.jobs.pools.few.slots", "1")
        .containsEntry("trainyard.jobs.pools.cpu.threads", "2")
        .containsEntry("trainyard.jobs.pools.few.threads", "5");
    assertThat(settings.of(1))
        .containsEntry("trainyard.jobs.pools.cpu.slots", "1")
        .containsEntry("trainyard.jobs.pools.few.slots", "0")
        .containsEntry("trainyard.jobs.pools.cpu.threads", "2");
  }
}
