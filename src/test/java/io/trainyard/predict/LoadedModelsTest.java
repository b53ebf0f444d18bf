package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.serving.ModelLimits;
import io.trainyard.model.serving.ServingDecisions;
import io.trainyard.model.serving.VersionServing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingSupplier;

@Timeout(30)
class LoadedModelsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long OVERHEAD = LoadedModels.OVERHEAD;

  final FakeModels fakes = new FakeModels();
  final List<FakeNetwork> networks = Collections.synchronizedList(new ArrayList<>());
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final LoadedModels models = fakes.models((_, _, _) -> network(), _ -> {}, threads, Duration.ZERO);

  private FakeNetwork network() {
    FakeNetwork network = new FakeNetwork();
    networks.add(network);
    return network;
  }

  /** Whose loads wait. */
  private LoadedModels slow(CountDownLatch loading, CountDownLatch gate) {
    return fakes.models(
        (_, _, _) -> {
          loading.countDown();
          await(gate);
          return network();
        },
        _ -> {},
        threads,
        Duration.ZERO);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void manyCallersLoadOnce() throws Exception {
    ModelVersion version = fakes.add(10);
    List<Future<LoadedModel>> held = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Callable<LoadedModel> hold = () -> models.hold(version, PATIENCE);
      held.add(threads.submit(hold));
    }
    for (Future<LoadedModel> model : held) {
      model.get().network().release();
    }
    assertThat(networks).hasSize(1);
    assertThat(models.count()).isEqualTo(1);
    assertThat(models.bytes()).isEqualTo(10 + OVERHEAD);
  }

  @Test
  void longestUnusedGoesFirstAndTheBoundHolds() {
    ModelVersion a = fakes.add(40);
    ModelVersion b = fakes.add(40);
    ModelVersion c = fakes.add(40);
    models.load(a, PATIENCE);
    models.load(b, PATIENCE);
    models.load(a, PATIENCE);
    models.load(c, PATIENCE);
    assertThat(networks).extracting(network -> network.closed.get()).containsExactly(0, 1, 0);
    assertThat(models.bytes()).isEqualTo(80 + 2 * OVERHEAD);
  }

  @Test
  void pinnedModelStaysAndUnloadedOneIsRefused() {
    ModelVersion a = fakes.add(40);
    ModelVersion b = fakes.add(40);
    ModelVersion c = fakes.add(40);
    ServingControl control = new ServingControl(models, new ModelLimits(), 100 + 2 * OVERHEAD);
    control.decide(List.of(serving(a).pin()));
    models.load(a, PATIENCE);
    models.load(b, PATIENCE);
    models.load(c, PATIENCE);
    assertThat(networks).extracting(network -> network.closed.get()).containsExactly(0, 1, 0);
    assertThatThrownBy(() -> control.checkPin(fakes.add(61)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY));
    control.checkPin(fakes.add(60));
    control.decide(List.of(serving(c).unload()));
    assertThat(networks.get(2).closed).hasValue(1);
    assertCode(() -> models.hold(c, PATIENCE), ErrorCode.UNAVAILABLE);
    control.decide(List.of());
    models.load(c, PATIENCE);
  }

  private static VersionServing serving(ModelVersion version) {
    return new VersionServing(
        version.id(), version.model(), version.version(), false, false, 0, null);
  }

  @Test
  void modelInUseIsKeptUntilItsUserIsDone() {
    ModelVersion a = fakes.add(60);
    ModelVersion b = fakes.add(60);
    LoadedModel held = models.hold(a, PATIENCE);
    assertCode(() -> models.hold(b, PATIENCE), ErrorCode.LOADING);
    assertThat(networks.getFirst().closed).hasValue(0);
    held.network().release();
    models.hold(b, PATIENCE).network().release();
    assertThat(networks.getFirst().closed).hasValue(1);
  }

  @Test
  void publishedVersionKeepsTheUsersOfThePreloadedOne() {
    ModelVersion preloaded = fakes.add(10);
    ModelVersion published = fakes.add(10);
    LoadedModel held = models.hold(preloaded, PATIENCE);
    models.adopt(preloaded, published);
    models.drop(published);
    assertThat(networks.getFirst().closed).as("one user is left").hasValue(0);
    held.network().release();
    assertThat(networks.getFirst().closed).hasValue(1);
  }

  @Test
  void versionThatIsDeletedWhileItLoadsIsNotKept() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    LoadedModels slow = slow(loading, gate);
    ModelVersion version = fakes.add(10);
    Future<?> waiting =
        threads.submit(
            () -> assertCode(() -> slow.hold(version, PATIENCE), ErrorCode.VERSION_NOT_FOUND));
    await(loading);
    slow.drop(each -> each.version() == version.version());
    assertThat(slow.count()).isZero();
    assertThat(slow.bytes()).isZero();
    waiting.get();
    gate.countDown();
    while (networks.isEmpty() || networks.getFirst().closed.get() == 0) {
      Thread.sleep(1);
    }
    assertThat(networks).hasSize(1);
    assertThat(networks.getFirst().closed).hasValue(1);
  }

  @Test
  void modelLargerThanTheBoundIsRefused() {
    ModelVersion large = fakes.add(101 + OVERHEAD);
    assertCode(() -> models.hold(large, PATIENCE), ErrorCode.UNAVAILABLE);
    assertThat(models.bytes()).isZero();
  }

  @Test
  void callerThatCannotWaitIsToldToComeBack() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    LoadedModels slow = slow(new CountDownLatch(1), gate);
    ModelVersion version = fakes.add(10);
    assertCode(() -> slow.hold(version, Duration.ofMillis(20)), ErrorCode.LOADING);
    gate.countDown();
    slow.hold(version, PATIENCE).network().release();
    assertThat(networks).hasSize(1);
  }

  @Test
  void failedLoadIsTriedAgain() {
    LoadedModels flaky =
        fakes.models(
            (_, _, _) -> {
              if (networks.isEmpty()) {
                network();
                throw new ServiceException(ErrorCode.CORRUPT_FILE, "damaged");
              }
              return network();
            },
            _ -> {},
            threads,
            Duration.ZERO);
    ModelVersion version = fakes.add(10);
    assertCode(() -> flaky.hold(version, PATIENCE), ErrorCode.CORRUPT_FILE);
    assertThat(flaky.bytes()).isZero();
    flaky.hold(version, PATIENCE).network().release();
    assertThat(flaky.bytes()).isEqualTo(10 + OVERHEAD);
  }

  @Test
  void failedLoadIsNotTriedAgainAtOnce() {
    AtomicLong now = new AtomicLong();
    LoadedModels failing =
        new LoadedModels(
            new VersionLoader(
                fakes.weights,
                (_, _, _) -> {
                  network();
                  throw new ServiceException(ErrorCode.CORRUPT_FILE, "damaged");
                },
                (_, _, _) -> network(),
                (_, _, _) -> {}),
            _ -> {},
            threads,
            FakeModels.MAX_BYTES,
            new FailedLoads(Duration.ofSeconds(3), now::get));
    ModelVersion version = fakes.add(10);
    // Pauses of 1, 2, 3 and 3 seconds.
    for (long second : new long[] {0, 1, 3, 6, 9}) {
      int before = networks.size();
      now.set(Duration.ofSeconds(second).toNanos() - 1);
      if (second > 0) {
        assertCode(() -> failing.hold(version, PATIENCE), ErrorCode.CORRUPT_FILE);
      }
      assertThat(networks).as("just before second %s", second).hasSize(before);
      now.set(Duration.ofSeconds(second).toNanos());
      assertCode(() -> failing.hold(version, PATIENCE), ErrorCode.CORRUPT_FILE);
      assertThat(networks).as("at second %s", second).hasSize(before + 1);
    }
  }

  @Test
  void versionsStayLoadedWhenEvictionWouldNotMakeEnoughRoom() {
    ModelVersion idle = fakes.add(30);
    ModelVersion used = fakes.add(60);
    ModelVersion large = fakes.add(80);
    models.load(idle, PATIENCE);
    LoadedModel held = models.hold(used, PATIENCE);
    assertCode(() -> models.hold(large, PATIENCE), ErrorCode.LOADING);
    assertThat(models.count()).isEqualTo(2);
    held.network().release();
    models.close();
    assertThat(networks).extracting(network -> network.closed.get()).containsExactly(1, 1);
  }

  @Test
  void networkThatCannotWarmUpIsClosedWhateverFailed() {
    for (Throwable failure :
        List.of(
            new StackOverflowError(), new OutOfMemoryError("test"), new IllegalStateException())) {
      LoadedModels cold =
          fakes.models(
              (_, _, _) -> network(),
              _ -> {
                if (failure instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) failure;
              },
              threads,
              Duration.ZERO);
      ModelVersion version = fakes.add(10);
      assertThatThrownBy(() -> cold.hold(version, PATIENCE)).hasCause(failure);
      assertThat(networks.getLast().closed).hasValue(1);
      assertThat(cold.bytes()).isZero();
    }
  }

  @Test
  void evictedVersionsAreReportedWithTheirReasons() {
    List<String> gone = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger loads = new AtomicInteger();
    LoadedModels watched =
        fakes.models(
            (_, _, _) -> network(),
            new LoadedModels.Listener() {
              @Override
              public void warmUp(LoadedModel model) {}

              @Override
              public void loaded(Duration time) {
                loads.incrementAndGet();
              }

              @Override
              public void evicted(LoadedModel model, EvictionReason reason) {
                gone.add(model.version().id() + " " + reason);
              }
            },
            threads,
            Duration.ZERO);
    ModelVersion a = fakes.add(60);
    ModelVersion b = fakes.add(60);
    watched.load(a, PATIENCE);
    watched.load(b, PATIENCE);
    assertThat(gone).containsExactly(a.id() + " ROOM");
    watched.drop(version -> version.version() == b.version());
    watched.load(a, PATIENCE);
    watched.drop(_ -> true, EvictionReason.UNLOADED, new ServingDecisions()::refusal);
    assertThat(gone).containsExactly(a.id() + " ROOM", b.id() + " DROPPED", a.id() + " UNLOADED");
    assertThat(watched.count()).isZero();
    assertThat(loads).hasValue(3);
  }

  @Test
  void versionLoadedAfterTheEndIsClosed() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch loading = new CountDownLatch(1);
    LoadedModels slow = slow(loading, gate);
    ModelVersion version = fakes.add(10);
    Future<?> waiter =
        threads.submit(() -> assertCode(() -> slow.hold(version, PATIENCE), ErrorCode.UNAVAILABLE));
    loading.await();
    slow.close();
    waiter.get();
    gate.countDown();
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(networks.getFirst().closed).hasValue(1);
  }

  @Test
  void loadThatWaitsForRoomGetsItWhenAModelIsReleased() throws Exception {
    ModelVersion used = fakes.add(60);
    ModelVersion next = fakes.add(60);
    LoadedModel held = models.hold(used, PATIENCE);
    Future<?> load = threads.submit(() -> models.load(next, PATIENCE));
    assertCode(() -> models.hold(next, PATIENCE), ErrorCode.LOADING);
    held.network().release();
    load.get();
    assertThat(models.isReady(next)).isTrue();
  }

  @Test
  void refusedLoadIsForgotten() {
    LoadedModels full =
        fakes.models(
            (_, _, _) -> network(),
            _ -> {},
            _ -> {
              throw new RejectedExecutionException();
            },
            Duration.ZERO);
    ModelVersion version = fakes.add(10);
    assertCode(() -> full.hold(version, PATIENCE), ErrorCode.LOADING);
    assertThat(full.bytes()).isZero();
  }

  private static void await(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertCode(ThrowingSupplier<?> call, ErrorCode code) {
    assertThatThrownBy(call::get)
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
  }
}
