package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trainyard.SetClock;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.process.ProcessCommand;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Identity MALLORY = caller("mallory");
  private static final Identity ALICE = caller("alice");

  @TempDir private Path folder;
  private HostFiles files;
  private Hosts hosts;
  private final List<String> quarantined = new CopyOnWriteArrayList<>();
  private final List<Set<String>> lost = new CopyOnWriteArrayList<>();
  private final List<String> deaths = new CopyOnWriteArrayList<>();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong oomKills = new AtomicLong();
  private final SetClock clock = new SetClock();

  @BeforeEach
  void start() {
    files = new HostFiles(folder);
    hosts =
        new Hosts(
            HostFiles.site(folder, oomKills::get),
            clock,
            new CrashingCallers(clock),
            new HostWatch(PATIENCE, PATIENCE));
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
    threads.shutdownNow();
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
  @Tag("slow")
  void hostHasTheMemoryForALargeForest() throws Exception {
    try (Hosts patient =
        new Hosts(
            HostFiles.site(folder), clock, new CrashingCallers(clock), Duration.ofMinutes(1))) {
      LoadedNetwork network = files.store(files.forest(250_000)).load(patient);

      assertThat(HostFiles.answer(network, 1, 1)).containsExactly(250_000, 0);
      network.close();
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
  @Tag("slow")
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
  @Tag("slow")
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
  @Tag("slow")
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

  private static Identity caller(String name) {
    return new Identity(name, name, Set.of(), Binding.NONE, Binding.NONE, Limits.NONE, 0);
  }

  private CompletableFuture<Boolean> loses(LoadedNetwork network) {
    return CompletableFuture.supplyAsync(() -> HostFiles.isLost(network, 1, 1), threads);
  }

  @Test
  void onlyTheFileOfTheThreadThatCrashedIsApart() throws Exception {
    HostFiles.Stored slow = files.store(files.takesLong(200));
    HostFiles.Stored bad = files.store(files.divides(3));
    CompletableFuture<Boolean> under = loses(slow.load(hosts));
    Thread.sleep(300);
    assertThat(HostFiles.isLost(bad.load(hosts), -3, 0)).isTrue();
    assertThat(under.get()).isTrue();

    LoadedNetwork back = slow.load(hosts);
    LoadedNetwork alone = bad.load(hosts);
    await().until(() -> hosts.count() == 2);
    assertThat(HostFiles.isLost(alone, -3, 0)).isTrue();
    await().until(() -> hosts.count() == 1);
    back.close(); // its host lives
    assertThat(lost).noneMatch(all -> all.equals(Set.of(slow.sha256())));
  }

  /** The kernel ends a host for memory, and names no thread. */
  private void killForMemory() {
    oomKills.incrementAndGet();
    ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains(folder.toString()))
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  @Tag("slow")
  void fileThatHasAnsweredForLongIsNoSuspectBesideOthers() throws Exception {
    List<HostFiles.Stored> slow =
        List.of(files.store(files.takesLong(200)), files.store(files.takesLong(201)));
    HostFiles.Stored known = files.store(files.divides(1));
    LoadedNetwork good = known.load(hosts);
    for (int i = 0; i < FileRecords.KNOWN; i++) {
      var _ = HostFiles.answer(good, 1, 1);
    }
    List<CompletableFuture<Boolean>> under =
        List.of(loses(slow.get(0).load(hosts)), loses(slow.get(1).load(hosts)));
    long[] rows = new long[2_000_000];
    Arrays.fill(rows, 1);
    CompletableFuture<Boolean> beside =
        CompletableFuture.supplyAsync(
            () -> {
              while (!HostFiles.isLost(good, rows)) {
                Thread.onSpinWait();
              }
              return true;
            },
            threads);
    Thread.sleep(600);
    killForMemory();
    assertThat(under.get(0).get() && under.get(1).get() && beside.get()).isTrue();

    List<LoadedNetwork> apart = List.of(slow.get(0).load(hosts), slow.get(1).load(hosts));
    LoadedNetwork together = known.load(hosts);
    await().until(() -> hosts.count() == 3);
    assertThat(HostFiles.answer(together, 1, 1)).containsExactly(5, 5);
    assertThat(apart).hasSize(2);
  }

  @Test
  @Tag("slow")
  void callerWhoEndsTheHostOfAllTwiceWaitsAndOthersDoNot() throws Exception {
    HostFiles.Stored good = files.store(files.divides(1));
    for (int plus = 5; plus < 7; plus++) {
      LoadedNetwork other = good.load(hosts);
      assertThat(MALLORY.call(() -> other.asked(() -> HostFiles.answer(other, 1, 1))))
          .containsExactly(5, 5);
      LoadedNetwork bad = files.store(files.divides(plus)).load(hosts);
      long row = -plus;
      for (int i = plus; i < 7; i++) { // what comes after the end is not its cause
        assertThatThrownBy(() -> MALLORY.call(() -> bad.asked(() -> HostFiles.answer(bad, row, 0))))
            .hasRootCauseInstanceOf(LostHost.class);
      }
    }
    LoadedNetwork network = good.load(hosts);
    assertThatThrownBy(
            () -> MALLORY.call(() -> network.asked(() -> HostFiles.answer(network, 1, 1))))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(e.retryAfter()).hasSeconds(60);
            });
    for (int i = 0; i < FileRecords.KNOWN; i++) {
      assertThat(ALICE.call(() -> network.asked(() -> HostFiles.answer(network, 1, 1))))
          .containsExactly(5, 5);
    }
    // A file that has answered for long is hardly the next one.
    assertThat(MALLORY.call(() -> network.asked(() -> HostFiles.answer(network, 1, 1))))
        .containsExactly(5, 5);
  }

  @Test
  void networkIsClosedWhileItsHostIsBusy() throws Exception {
    LoadedNetwork network = files.store(files.divides(1)).load(hosts);
    LoadedNetwork slow = files.store(files.takesLong(2_000)).load(hosts);
    AtomicBoolean stopped = new AtomicBoolean();
    HostTensor x = HostTensor.ofLongs(Shape.of(1, 2), 1, 1);
    List<CompletableFuture<Boolean>> busy =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            var _ = slow.forward(Map.of("x", x), List.of("y"), stopped::get);
                            return false;
                          } catch (CancellationException _) {
                            return true;
                          }
                        },
                        threads))
            .limit(3)
            .toList();
    Thread.sleep(300);
    long start = System.nanoTime();
    network.close();
    assertThat(System.nanoTime() - start).isLessThan(3_000_000_000L);
    stopped.set(true);
    for (CompletableFuture<Boolean> one : busy) {
      assertThat(one.get()).isTrue();
    }
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
    long later = System.nanoTime() + 1_500_000_000; // a stop before the run begins is followed
    assertThatThrownBy(
            () -> stuck.forward(Map.of("x", x), List.of("y"), () -> System.nanoTime() > later))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(e.detail()).contains("after nobody waited for it");
            });
    await().until(() -> deaths.equals(List.of("other")));
  }
}
