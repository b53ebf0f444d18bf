package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
  private final List<String> deaths = new CopyOnWriteArrayList<>();

  /** A clock that stands still until it is set. */
  private static final class SetClock extends Clock {
    private volatile Instant now = Instant.EPOCH;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void open() {
    files = new HostFiles(folder);
    checker = new Checker(HostFiles.site(folder), 10, Map.of(), clock, deaths::add);
  }

  @AfterEach
  void close() {
    checker.close();
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
    checker.start();
    await().until(checker::isReady);
    Set<Long> before = hosts();
    assertThat(before).hasSize(1);
    before.forEach(pid -> ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    await().until(() -> checker.isReady() && !hosts().equals(before));
    check(files.store(files.divides(1)), 0, 0);
    assertThat(deaths).containsExactly("other");
  }

  @Test
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
