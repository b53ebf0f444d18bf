package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.process.ProcessCommand;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that end the processes which compute them. */
@Timeout(120)
@Tag("service")
class HostsTest {
  private static final Duration PATIENCE = Duration.ofMillis(500);

  @TempDir private Path folder;
  private HostFiles files;
  private Hosts hosts;
  private final List<String> quarantined = new CopyOnWriteArrayList<>();
  private final List<Set<String>> lost = new CopyOnWriteArrayList<>();
  private final List<String> deaths = new CopyOnWriteArrayList<>();

  private final SetClock clock = new SetClock();

  @BeforeEach
  void start() {
    files = new HostFiles(folder);
    hosts =
        new Hosts(HostFiles.site(folder), clock, new HostWatch(PATIENCE, PATIENCE.multipliedBy(4)));
    hosts.listen(
        new Hosts.Listener() {
          @Override
          public void died(String kind) {
            deaths.add(kind);
          }

          @Override
          public void lost(Set<String> files) {
            lost.add(files);
          }

          @Override
          public void quarantine(String file, String reason) {
            quarantined.add(file + " " + reason);
          }
        });
  }

  @AfterEach
  void stop() {
    hosts.close();
  }

  @Test
  void hostAnswersWhatTheFileComputes() throws Exception {
    LoadedNetwork network = files.store(files.divides(1)).load(hosts);

    assertThat(HostFiles.answer(network, 0, 1)).containsExactly(10, 5);
    // More rows than the memory of a lane holds at first.
    int rows = 200_000;
    long[] ones = new long[2 * rows];
    Arrays.fill(ones, 1);
    assertThat(HostFiles.answer(network, ones)).hasSize(2 * rows).containsOnly(5);
    assertThat(HostFiles.answer(network, 9, 4)).containsExactly(1, 2);
    network.close();
  }

  /** As scikit-learn's forests, whose lists are longer than the heap of a host is large. */
  @Test
  void hostHasTheMemoryForALargeForest() throws Exception {
    LoadedNetwork network = files.store(files.forest(250_000)).load(hosts);

    assertThat(HostFiles.answer(network, 1, 1)).containsExactly(250_000, 0);
    network.close();
  }

  @Test
  void memoryOfAHostThatEndedIsFree() throws Exception {
    HostFiles.Stored stored = files.store(files.divides(1));
    long before = sharedFiles();
    for (int i = 0; i < 3; i++) {
      LoadedNetwork network = stored.load(hosts);
      assertThat(HostFiles.answer(network, 1, 1)).containsExactly(5, 5);
      assertThat(HostFiles.isLost(network, -1, 1)).isTrue();
      await().until(() -> lost.size() > 0 && sharedFiles() == before);
      lost.clear();
      quarantined.clear();
    }
  }

  @Test
  void whatAKilledProcessLeftInMemoryIsDeletedAndNothingElse() throws Exception {
    try (SharedTensors.Shared held = SharedTensors.file(64, folder)) {
      assertThat(held.path().getParent()).isEqualTo(Path.of("/dev/shm"));
      Path left = Files.createTempFile(held.path().getParent(), "trainyard-", "");
      Path fresh = Files.createTempFile(held.path().getParent(), "trainyard-", "");
      Path other = Files.createTempFile(held.path().getParent(), "trainyard-other", "");
      try {
        FileTime minutesAgo = FileTime.from(Instant.now().minusSeconds(300));
        for (Path old : List.of(left, held.path(), other)) {
          Files.setLastModifiedTime(old, minutesAgo);
        }
        SharedTensors.deleteAbandoned();
        assertThat(left).doesNotExist();
        assertThat(held.path()).exists();
        assertThat(fresh).exists();
        assertThat(other).exists();
      } finally {
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(other);
      }
    }
  }

  /** The files of shared memory that this process has mapped. */
  private static long sharedFiles() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("/trainyard-") || line.contains("/tensors-"))
          .count();
    }
  }

  @Test
  void hostsHaveNoSettingsOfTheService() {
    ProcessCommand own =
        new ProcessCommand(
            "java",
            List.of(
                "-Dspring.datasource.password=secret", "-Xss1m", "-Dtrainyard.access.mode=open"),
            "a.jar",
            "Main",
            List.of());
    assertThat(HostSite.withoutSettings(own).options()).containsExactly("-Xss1m");
  }

  @Test
  void neighboursAnswerAgainAfterADeathAndTheCulpritIsAloneThen() throws Exception {
    HostFiles.Stored good = files.store(files.divides(1));
    HostFiles.Stored bad = files.store(files.divides(2));
    LoadedNetwork neighbour = good.load(hosts);

    assertThat(HostFiles.isLost(bad.load(hosts), -2, 0)).isTrue();
    assertThat(HostFiles.isLost(neighbour, 0, 0)).isTrue();
    await().until(() -> lost.stream().anyMatch(all -> all.contains(good.sha256())));
    assertThat(deaths).containsExactly("crash");

    LoadedNetwork again = good.load(hosts);
    assertThat(HostFiles.isLost(bad.load(hosts), -2, 0)).isTrue();
    assertThat(HostFiles.answer(again, 0, 0)).containsExactly(10, 10);
    assertThat(quarantined).isEmpty();

    assertThat(HostFiles.isLost(bad.load(hosts), -2, 0)).isTrue();
    await().until(() -> !quarantined.isEmpty());
    assertThat(quarantined).singleElement().asString().startsWith(bad.sha256() + " 3 processes");
    assertThat(quarantined.getFirst()).contains("SIGFPE");
    assertThat(HostFiles.answer(again, 0, 0)).containsExactly(10, 10);
  }

  @Test
  void deathsThatAreFarApartPutNobodyInQuarantine() throws Exception {
    HostFiles.Stored bad = files.store(files.divides(4));
    for (int i = 0; i < 4; i++) {
      assertThat(HostFiles.isLost(bad.load(hosts), -4, 0)).isTrue();
      clock.now = clock.now.plusSeconds(1801);
    }
    assertThat(quarantined).isEmpty();
    clock.now = clock.now.minusSeconds(1801);
    assertThat(HostFiles.isLost(bad.load(hosts), -4, 0)).isTrue();
    await().until(() -> !quarantined.isEmpty());
  }

  @Test
  void fileThatEndsHostsWhileItIsLoadedGoesToQuarantine() throws Exception {
    Path pipe = folder.resolve("pipe.onnx"); // what reads it waits for what nobody writes
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    HostFiles.Stored bad = files.stored(pipe);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> bad.load(hosts)).hasRootCauseInstanceOf(LostHost.class);
    }
    await().until(() -> !quarantined.isEmpty());
    assertThat(quarantined.getFirst()).startsWith(bad.sha256()).contains("or loaded it");
  }

  @Test
  void hostThatSomebodyKillsPutsNobodyInQuarantine() throws Exception {
    HostFiles.Stored stored = files.store(files.divides(1));
    for (int i = 0; i < 4; i++) {
      LoadedNetwork network = stored.load(hosts);
      CompletableFuture<Boolean> under =
          CompletableFuture.supplyAsync(
              () -> {
                while (!HostFiles.isLost(network, 1, 1)) {
                  Thread.onSpinWait();
                }
                return true;
              });
      Thread.sleep(50);
      ProcessHandle.current()
          .children()
          .filter(child -> child.info().commandLine().orElse("").contains(folder.toString()))
          .forEach(ProcessHandle::destroyForcibly);
      assertThat(under.get()).isTrue();
    }
    assertThat(quarantined).isEmpty();
    long start = System.nanoTime();
    assertThat(HostFiles.answer(stored.load(hosts), 1, 1)).containsExactly(5, 5);
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    assertThat(hosts.count()).isEqualTo(1);
  }

  @Test
  void suspectsAreApartUntilTheCulpritIsKnown() throws Exception {
    HostFiles.Stored slow = files.store(files.takesLong(200));
    HostFiles.Stored bad = files.store(files.divides(3));
    LoadedNetwork innocent = slow.load(hosts);
    CompletableFuture<Boolean> under =
        CompletableFuture.supplyAsync(() -> HostFiles.isLost(innocent, 1, 1));
    Thread.sleep(300);
    assertThat(HostFiles.isLost(bad.load(hosts), -3, 0)).isTrue();
    assertThat(under.get()).isTrue();

    LoadedNetwork apart = slow.load(hosts);
    LoadedNetwork alone = bad.load(hosts);
    await().until(() -> hosts.count() == 3);
    assertThat(HostFiles.isLost(alone, -3, 0)).isTrue();
    await().until(() -> lost.stream().anyMatch(all -> all.contains(slow.sha256())));
    LoadedNetwork back = slow.load(hosts);
    apart.close();
    await().until(() -> hosts.count() == 1);
    back.close();
  }

  @Test
  void runEndsWhenNobodyWaitsAndAHostThatDoesNotFollowIsEnded() throws Exception {
    LoadedNetwork network = files.store(files.takesLong(2_000)).load(hosts);
    long end = System.nanoTime() + 300_000_000;
    HostTensor x = HostTensor.ofLongs(Shape.of(1, 2), 1, 1);

    assertThatThrownBy(
            () -> network.forward(Map.of("x", x), List.of("y"), () -> System.nanoTime() > end))
        .isInstanceOf(CancellationException.class);
    assertThat(deaths).isEmpty();

    LoadedNetwork stuck = files.store(files.isStuck()).load(hosts);
    long now = System.nanoTime();
    assertThatThrownBy(
            () ->
                stuck.forward(
                    Map.of("x", x), List.of("y"), () -> System.nanoTime() - now > 300_000_000))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(e.detail()).contains("after nobody waited for it");
            });
    await().until(() -> deaths.equals(List.of("other")));
  }
}
