package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.store.s3.TestObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A rolling upgrade under load, and the way back: the release before works on the tables that this
 * one has migrated, and each sees what the other one does. The release before is the newest commit
 * without the newest migration, which {@code src/test/upgrade/previous} packages, or the jar of
 * {@code -Dprevious.jar}.
 */
@Tag("distribution")
@Timeout(1800)
class PreviousReleaseIT {
  private static final int HISTORY_IS_MISSING = 3;

  /** One for the job that goes on from process to process, one for the others. */
  private static final List<String> SLOTS = List.of("--trainyard.jobs.pools.cpu.slots=2");

  private static Path previous = Path.of(System.getProperty("previous.jar", ""));

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws Exception {
    if (!previous.toString().isEmpty()) {
      return;
    }
    Path log = Path.of("target", "previous.log");
    Path jar = Path.of("target", "previous.jar").toAbsolutePath();
    ProcessBuilder builder = new ProcessBuilder("src/test/upgrade/previous", jar.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int code = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    assumeTrue(code != HISTORY_IS_MISSING, () -> "no release before: " + read(log));
    assertThat(code).as(read(log)).isZero();
    previous = jar;
  }

  private static String read(Path log) {
    try {
      return Files.readString(log).strip();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void upgradeAndTheWayBackUnderLoadLoseNothing() throws Exception {
    try (TestObjectStore objects = TestObjectStore.open();
        Database database = new Database(folder.resolve("database"));
        Fleet fleet =
            new Fleet(
                List.of(start("one"), start("other")),
                folder.resolve("logs"),
                database.url(),
                Stream.of(objects.settings(), FleetUnderLoad.SETTINGS, SLOTS)
                    .flatMap(List::stream)
                    .toList());
        FleetUnderLoad load = new FleetUnderLoad(fleet, fleet.members())) {
      roll(fleet, load, Fleet.PACKAGED, "up");
      roll(fleet, load, previous, "back");
      int answers = load.stop();
      load.assertJobsEndedOnce();
      try (Stream<Path> logs = Files.list(folder.resolve("logs"))) {
        // The second process of each member is of this build.
        for (Path log : logs.filter(file -> file.toString().endsWith("-2.log")).toList()) {
          assertThat(Files.readString(log)).as(log.toString()).doesNotContain(" ERROR ");
        }
      }
      System.out.printf(
          "upgrade and back: %d predictions, 0 failed; %d jobs, 0 lost%n", answers, load.jobs());
    }
  }

  /** Restarts each process from a jar. In between, each sees what the other one does. */
  private static void roll(Fleet fleet, FleetUnderLoad load, Path jar, String name)
      throws Exception {
    List<Http> callers = fleet.members().stream().map(RestartingProcess::http).toList();
    String spanning = load.submit(JobTemplate.MOMENTUM, 1_000_000);
    fleet.http().awaitEpoch(spanning, 3);
    for (RestartingProcess member : fleet.members()) {
      member.runFrom(jar);
      load.restart(member);
      String model = name + fleet.members().indexOf(member);
      for (int i = 0; i < callers.size(); i++) {
        FleetUnderLoad.train(callers.get(i), model + i);
        callers.get(i).upload(model, "a,b\n" + i + ",2\n");
      }
      for (int i = 0; i < callers.size(); i++) {
        assertThat(FleetUnderLoad.predicted(callers.getFirst(), model + i))
            .isEqualTo(FleetUnderLoad.predicted(callers.getLast(), model + i));
        assertThat(callers.get(i).get("/v1/datasets/" + model + "/versions").json().get("versions"))
            .hasSameSizeAs(callers);
      }
    }
    JsonNode continued =
        fleet
            .http()
            .awaitEpoch(spanning, 1 + fleet.http().job(spanning).at("/metrics/epoch").asInt(0));
    assertThat(continued.get("attempt").intValue()).as("%s", continued).isGreaterThan(1);
    fleet.http().post(spanning + "/stop").expect(202);
  }

  private Fleet.Start start(String data) {
    return new Fleet.Start(previous, folder.resolve(data), List.of());
  }
}
