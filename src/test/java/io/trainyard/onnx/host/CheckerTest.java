package io.trainyard.onnx.host;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trainyard.SetClock;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.ForeignNetworks;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.onnx.NetworkTask;
import io.trainyard.process.Signals;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/** Files that are computed before their import. */
@Timeout(120)
@Tag("service")
class CheckerTest {
  private static final Identity MALLORY =
      new Identity("m", "mallory", Set.of(), Binding.NONE, Binding.NONE, Limits.NONE, 0);
  private static final Identity ALICE =
      new Identity("a", "alice", Set.of(), Binding.NONE, Binding.NONE, Limits.NONE, 0);

  @TempDir private Path folder;
  private HostFiles files;
  private Checker checker;
  private final SetClock clock = new SetClock();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> deaths = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() {
    files = new HostFiles(folder);
    checker = HostFiles.checker(folder, clock, deaths::add);
  }

  private void reopen(Duration wait, Duration patience) {
    checker.close();
    checker = HostFiles.checker(folder, clock, wait, patience, deaths::add);
  }

  @AfterEach
  void close() {
    checker.close();
    threads.shutdownNow();
  }

  private Set<Long> hosts() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains(folder.toString()))
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  /** As a proof does. */
  private void check(HostFiles.Stored stored, long... row) {
    checker.check(
        "/onnx",
        0,
        () -> false,
        () -> {
          try (LoadedNetwork network =
              checker.load(stored.version(), HostFiles.shapes(), stored.file())) {
            var _ = HostFiles.answer(network, row);
          }
        });
  }

  private void checkAs(Identity caller, HostFiles.Stored stored, long... row) {
    caller.call(
        () -> {
          check(stored, row);
          return true;
        });
  }

  @Test
  void crashIsTheFaultOfTheFileAndTheNextFileIsChecked() throws Exception {
    HostFiles.Stored bad = files.store(files.divides(0));

    assertThatThrownBy(() -> check(bad, 0, 0))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.WORKER_CRASHED);
              assertThat(e.detail()).contains("SIGFPE");
              assertThat(e.violations()).extracting(Violation::pointer).containsExactly("/onnx");
            });
    check(files.store(files.divides(1)), 0, 0);
    assertThat(deaths).containsExactly("crash");
  }

  @Test
  void callerWhoseFilesCrashTwiceWaitsAndOthersDoNot() throws Exception {
    HostFiles.Stored bad = files.store(files.divides(0));
    HostFiles.Stored good = files.store(files.divides(1));
    assertThatThrownBy(() -> checkAs(MALLORY, bad, 0, 0)).isInstanceOf(ServiceException.class);
    checkAs(MALLORY, good, 0, 0);
    clock.now = clock.now.plusSeconds(590);
    assertThatThrownBy(() -> checkAs(MALLORY, bad, 0, 0)).isInstanceOf(ServiceException.class);

    clock.now = clock.now.plusSeconds(59);
    assertThatThrownBy(() -> checkAs(MALLORY, good, 0, 0))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(e.retryAfter()).hasSeconds(1);
            });
    checkAs(ALICE, good, 0, 0);
    clock.now = clock.now.plusSeconds(1);
    checkAs(MALLORY, good, 0, 0);
    clock.now = clock.now.plusSeconds(700);
    assertThatThrownBy(() -> checkAs(MALLORY, bad, 0, 0)).isInstanceOf(ServiceException.class);
    checkAs(MALLORY, good, 0, 0);
  }

  /** What a check of a caller is refused with; null for nothing. */
  private @Nullable ServiceException refusal(
      Identity caller, BooleanSupplier left, Runnable check) {
    try {
      return caller.call(
          () -> {
            checker.check("/onnx", 0, left, check);
            return null;
          });
    } catch (ServiceException e) {
      return e;
    }
  }

  private Runnable computes(HostFiles.Stored stored) {
    return computes(stored, new AtomicBoolean());
  }

  /**
   * @param loaded becomes true before it computes
   */
  private Runnable computes(HostFiles.Stored stored, AtomicBoolean loaded) {
    return () -> {
      try (LoadedNetwork network =
          checker.load(stored.version(), HostFiles.shapes(), stored.file())) {
        loaded.set(true);
        var _ = HostFiles.answer(network, 1, 1);
      }
    };
  }

  @Test
  @Tag("slow")
  void manyFilesOfOneCallerDoNotStandBeforeOneOfAnother() throws Exception {
    HostFiles.Stored slow = files.store(files.takesLong(400));
    // A machine that stands still for half a second is no reason for a death.
    reopen(Duration.ofSeconds(20), Duration.ofSeconds(20));
    HostFiles.Stored good = files.store(files.divides(1));
    checkAs(ALICE, good, 0, 0);
    AtomicBoolean left = new AtomicBoolean();
    List<CompletableFuture<@Nullable ServiceException>> many =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> refusal(MALLORY, left::get, computes(slow)), threads))
            .limit(6)
            .toList();
    Thread.sleep(200);
    for (int i = 0; i < 3; i++) {
      long start = System.nanoTime();
      checkAs(ALICE, good, 0, 0);
      assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
    }
    assertThat(many).allMatch(one -> !one.isDone());

    left.set(true);
    for (CompletableFuture<@Nullable ServiceException> one : many) {
      assertThat(one.get(4, TimeUnit.SECONDS)).hasMessageContaining("has left");
    }
    assertThat(deaths).isEmpty();
  }

  @Test
  void callersWithoutKeysAreToldApartByTheirAddresses() throws Exception {
    HostFiles.Stored bad = files.store(files.divides(0));
    HostFiles.Stored good = files.store(files.divides(1));
    Identity one = Identity.open(Limits.NONE).from("192.0.2.1");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> checkAs(one, bad, 0, 0)).isInstanceOf(ServiceException.class);
    }
    assertThatThrownBy(() -> checkAs(one, good, 0, 0)).hasMessageContaining("crashed");
    checkAs(Identity.open(Limits.NONE).from("192.0.2.2"), good, 0, 0);
  }

  private @Nullable ServiceException leavesWhileItComputes(HostFiles.Stored stored) {
    AtomicBoolean loaded = new AtomicBoolean();
    return refusal(MALLORY, loaded::get, computes(stored, loaded));
  }

  /** The file of a caller who has left is not tried again, and is no reason to make it wait. */
  @Test
  @Tag("slow")
  void fileOfACallerWhoHasLeftEndsAndDoesNotCount() throws Exception {
    HostFiles.Stored stuck = files.store(files.isStuck());
    for (int i = 0; i < 2; i++) {
      assertThat(leavesWhileItComputes(stuck)).hasMessageContaining("has left");
    }
    await().until(() -> deaths.equals(List.of("other", "other")));
    assertThat(hosts()).hasSizeLessThan(2);
    checkAs(MALLORY, files.store(files.divides(1)), 0, 0);

    // From the second one on, it ends no process that others use.
    await().until(checker::isReady);
    Set<Long> shared = hosts();
    assertThat(leavesWhileItComputes(stuck)).hasMessageContaining("has left");
    await().until(() -> deaths.size() == 3);
    assertThat(hosts()).isEqualTo(shared);
  }

  /** A process that is held has a minute to start. */
  @Test
  void endOfTheServiceDoesNotWaitForAStart() throws Exception {
    do {
      reopen(Duration.ofSeconds(5), Duration.ofSeconds(5));
      await().until(() -> hosts().isEmpty());
      checker.start(Duration.ZERO);
      await().pollInterval(Duration.ofMillis(10)).until(() -> !hosts().isEmpty());
      Signals.send(hosts().iterator().next(), "STOP");
    } while (checker.isReady()); // it was held too late
    long start = System.nanoTime();
    checker.close();
    await().until(() -> hosts().isEmpty());
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }

  @Test
  @Tag("slow")
  void callerWhoseFilesCrashMeanwhileIsRefusedWhenItsTurnComes() throws Exception {
    HostFiles.Stored bad = files.store(files.divides(0));
    List<CompletableFuture<@Nullable ServiceException>> many =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () ->
                            refusal(
                                MALLORY,
                                () -> false,
                                () -> {
                                  try (LoadedNetwork network =
                                      checker.load(bad.version(), HostFiles.shapes(), bad.file())) {
                                    var _ = HostFiles.answer(network, 0, 0);
                                  }
                                }),
                        threads))
            .limit(5)
            .toList();
    CompletableFuture.allOf(many.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    assertThat(many)
        .extracting(one -> one.join().code())
        .containsExactlyInAnyOrder(
            ErrorCode.WORKER_CRASHED,
            ErrorCode.WORKER_CRASHED,
            ErrorCode.RATE_LIMITED,
            ErrorCode.RATE_LIMITED,
            ErrorCode.RATE_LIMITED);
    assertThat(deaths).hasSize(2);
  }

  @Test
  @Tag("slow")
  void waitForATurnHasAnEnd() throws Exception {
    HostFiles.Stored slow = files.store(files.takesLong(3_000));
    AtomicBoolean left = new AtomicBoolean();
    reopen(Duration.ofMillis(500), Duration.ofMillis(500));
    CompletableFuture<@Nullable ServiceException> first =
        CompletableFuture.supplyAsync(() -> refusal(MALLORY, left::get, computes(slow)), threads);
    await().until(() -> !hosts().isEmpty());
    Thread.sleep(300);

    ServiceException refused = requireNonNull(refusal(MALLORY, () -> false, computes(slow)));

    assertThat(refused.code()).isEqualTo(ErrorCode.QUEUE_FULL);
    assertThat(refused.retryAfter()).hasSeconds(5);
    left.set(true);
    assertThat(first.get()).hasMessageContaining("has left");
  }

  @Test
  void fileThatIsNeverLoadedEndsWithItsCaller() throws Exception {
    Path pipe = folder.resolve("pipe.onnx");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    long start = System.nanoTime();
    assertThat(refusal(MALLORY, () -> true, computes(files.stored(pipe))))
        .hasMessageContaining("has left");
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }

  @Test
  void checkEndsWhenTheServiceStops() throws Exception {
    HostFiles.Stored stuck = files.store(files.isStuck());
    CompletableFuture<@Nullable ServiceException> running =
        CompletableFuture.supplyAsync(() -> refusal(ALICE, () -> false, computes(stuck)), threads);
    CompletableFuture<@Nullable ServiceException> waiting =
        CompletableFuture.supplyAsync(() -> refusal(ALICE, () -> false, computes(stuck)), threads);
    await().until(() -> !hosts().isEmpty());
    Thread.sleep(300);
    checker.close();
    assertThat(running.get(3, TimeUnit.SECONDS)).hasMessageContaining("is stopping");
    assertThat(waiting.get(3, TimeUnit.SECONDS)).hasMessageContaining("is stopping");
  }

  /** Its lists are longer than the usual heap is large. */
  @Test
  @Tag("slow")
  void largeForestIsReadInAProcessWithTheHeapForIt() throws Exception {
    HostFiles.Stored forest = files.store(files.forest(250_000));
    ForeignNetworks networks =
        NetworkTask.in(
            (file, request) ->
                checker.reply(
                    "/onnx",
                    2 * file.toFile().length(),
                    Checker.LONGEST_TASK,
                    () -> false,
                    NetworkTask.KIND,
                    request),
            100 << 20);

    ForeignNetworks.Network network =
        networks.read(forest.file(), JsonNodeFactory.instance.objectNode());

    assertThat(network.inputs().get("x"))
        .isEqualTo(new Signature.Tensor(ElementType.INT64, Shape.of(2)));
    assertThat(network.json().path("outputs").path(0).asString()).isEqualTo("y");
    assertThat(deaths).isEmpty();
    ForeignNetworks small =
        NetworkTask.in(
            (_, request) ->
                checker.reply(
                    "/onnx", 0, Checker.LONGEST_TASK, () -> false, NetworkTask.KIND, request),
            100 << 20);
    assertThatThrownBy(() -> small.read(forest.file(), JsonNodeFactory.instance.objectNode()))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY);
              assertThat(e.violations()).extracting(Violation::pointer).containsExactly("/onnx");
            });
  }

  /** Others may have taken the memory that it lacks. */
  @Test
  @Tag("slow")
  void fileThatLacksMemoryBesideAnotherOneIsTriedAlone() throws Exception {
    List<Long> tried = new CopyOnWriteArrayList<>();
    assertThat(
            refusal(
                ALICE,
                () -> false,
                () -> {
                  check(files, tried);
                  if (tried.size() == 1) {
                    throw new ServiceException(ErrorCode.TOO_MUCH_MEMORY, "no room");
                  }
                }))
        .isNull();
    assertThat(tried).hasSize(2).doesNotHaveDuplicates();
    await().until(() -> hosts().size() == 1);
  }

  /** Notes which processes there are. */
  private void check(HostFiles files, List<Long> tried) {
    try {
      computes(files.store(files.divides(1))).run();
      tried.add((long) hosts().hashCode());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void fileBesideOneThatCrashesIsCheckedAgain() throws Exception {
    HostFiles.Stored slow = files.store(files.takesLong(100));
    HostFiles.Stored bad = files.store(files.divides(0));
    CompletableFuture<Void> beside = CompletableFuture.runAsync(() -> check(slow, 1, 1));
    Thread.sleep(700);
    assertThatThrownBy(() -> check(bad, 0, 0))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WORKER_CRASHED));
    beside.get();
  }

  @Test
  void killedProcessIsNobodysFaultAndAnotherOneStarts() throws Exception {
    checker.start(Duration.ZERO);
    await().until(checker::isReady);
    Set<Long> before = hosts();
    assertThat(before).hasSize(1);
    before.forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    await().until(() -> checker.isReady() && !hosts().equals(before));
    check(files.store(files.divides(1)), 0, 0);
    assertThat(deaths).containsExactly("other");
  }

  @Test
  @Tag("slow")
  void processIsReplacedAfterManyFiles() throws Exception {
    HostFiles.Stored good = files.store(files.divides(1));
    check(good, 0, 0);
    Set<Long> first = hosts();
    for (int i = 1; i < Checker.MOST_FILES; i++) {
      check(good, 0, 0);
    }
    await().until(() -> hosts().size() == 1 && !hosts().equals(first));
    check(good, 0, 0);
    assertThat(deaths).isEmpty();
  }
}
