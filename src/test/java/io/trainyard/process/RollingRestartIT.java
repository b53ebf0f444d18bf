package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.store.s3.TestObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes that answer callers and two that run jobs, with a PostgreSQL and an object store,
 * restarted in turn: callers that follow readiness notice nothing, and every job ends once. {@code
 * -Drolling.rounds} restarts all of them as often.
 */
@Tag("slow")
@Timeout(value = 1, unit = TimeUnit.HOURS)
class RollingRestartIT {
  private static final int ROUNDS = Integer.getInteger("rolling.rounds", 1);
  private static final List<String> API = List.of("--trainyard.roles=api");
  private static final List<String> WORKER = List.of("--trainyard.roles=worker");

  @TempDir private Path folder;

  @Test
  void noRequestFailsAndNoJobIsLostOrDoubled() throws Exception {
    try (TestObjectStore objects = TestObjectStore.open();
        Database database = new Database(folder.resolve("database"));
        Fleet fleet =
            new Fleet(
                List.of(
                    start("one", API), start("other", API), start("a", WORKER), start("b", WORKER)),
                folder.resolve("logs"),
                database.url(),
                Stream.concat(objects.settings().stream(), FleetUnderLoad.SETTINGS.stream())
                    .toList())) {
      List<RestartingProcess> answering = fleet.members().subList(0, 2);
      try (FleetUnderLoad load = new FleetUnderLoad(fleet, answering)) {
        for (int round = 0; round < ROUNDS; round++) {
          for (RestartingProcess member : fleet.members()) {
            Duration took = load.restart(member);
            if (answering.contains(member)) {
              assertThat(took).isGreaterThan(Duration.ofSeconds(2));
            }
          }
        }
        int answers = load.stop();
        assertThat(answers).isGreaterThan(100);
        load.assertJobsEndedOnce();
        System.out.printf(
            "%d restarts of each of %d processes: %d predictions, 0 failed; %d jobs, 0 lost%n",
            ROUNDS, fleet.members().size(), answers, load.jobs());
      }
    }
  }

  private Fleet.Start start(String data, List<String> role) {
    return new Fleet.Start(Fleet.PACKAGED, folder.resolve(data), role);
  }
}
