package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.tensor.HostTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingSupplier;

@Timeout(30)
class LoadedModelsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  final FakeModels fakes = new FakeModels();
  final List<FakeNetwork> networks = Collections.synchronizedList(new ArrayList<>());
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final LoadedModels models =
      new LoadedModels(fakes.weights, (n, s, w) -> network(), m -> {}, threads, 100);

  private FakeNetwork network() {
    FakeNetwork network = new FakeNetwork();
    networks.add(network);
    return network;
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
      model.get().release();
    }
    assertThat(networks).hasSize(1);
    assertThat(models.count()).isEqualTo(1);
    assertThat(models.bytes()).isEqualTo(10);
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
    assertThat(networks).extracting(network -> network.closed).containsExactly(false, true, false);
    assertThat(models.bytes()).isEqualTo(80);
  }

  @Test
  void modelInUseIsKeptUntilItsUserIsDone() {
    ModelVersion a = fakes.add(60);
    ModelVersion b = fakes.add(60);
    LoadedModel held = models.hold(a, PATIENCE);
    assertCode(() -> models.hold(b, PATIENCE), ErrorCode.LOADING);
    assertThat(networks.getFirst().closed).isFalse();
    held.release();
    models.hold(b, PATIENCE).release();
    assertThat(networks.getFirst().closed).isTrue();
  }

  @Test
  void modelLargerThanTheBoundIsRefused() {
    ModelVersion large = fakes.add(101);
    assertCode(() -> models.hold(large, PATIENCE), ErrorCode.UNAVAILABLE);
    assertThat(models.bytes()).isZero();
  }

  @Test
  void callerThatCannotWaitIsToldToComeBack() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    LoadedModels slow =
        new LoadedModels(
            fakes.weights,
            (n, s, w) -> {
              await(gate);
              return network();
            },
            m -> {},
            threads,
            100);
    ModelVersion version = fakes.add(10);
    assertCode(() -> slow.hold(version, Duration.ofMillis(20)), ErrorCode.LOADING);
    gate.countDown();
    slow.hold(version, PATIENCE).release();
    assertThat(networks).hasSize(1);
  }

  @Test
  void failedLoadIsForgottenAndTriedAgain() {
    LoadedModels flaky =
        new LoadedModels(
            fakes.weights,
            (n, s, w) -> {
              if (networks.isEmpty()) {
                network();
                throw new ServiceException(ErrorCode.CORRUPT_FILE, "damaged");
              }
              return network();
            },
            m -> {},
            threads,
            100);
    ModelVersion version = fakes.add(10);
    assertCode(() -> flaky.hold(version, PATIENCE), ErrorCode.CORRUPT_FILE);
    assertThat(flaky.bytes()).isZero();
    flaky.hold(version, PATIENCE).release();
    assertThat(flaky.bytes()).isEqualTo(10);
  }

  @Test
  void resolvedVersionFollowsOwnChangesAtOnceAndOutlivesTheDatabase() {
    long[] now = {0};
    ResolvedVersions resolved = new ResolvedVersions(fakes.resolver, 1000, () -> now[0]);
    fakes.add(1);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
    assertThat(fakes.resolutions).isEqualTo(1);
    fakes.add(1);
    fakes.changes++;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(3);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(3);
    now[0] = 1000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(4);
    fakes.away = true;
    now[0] = 5000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(4);
    assertThatThrownBy(() -> resolved.resolve("other", "latest"))
        .hasMessage("the database is away");
  }

  @Test
  void databaseThatDoesNotAnswerHoldsUpOnePredictionAtMost() {
    long[] now = {0};
    ResolvedVersions resolved = new ResolvedVersions(fakes.resolver, 1000, () -> now[0]);
    fakes.add(1);
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    fakes.gate = new CountDownLatch(1);
    now[0] = 1000;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    now[0] += Duration.ofSeconds(1).toNanos();
    long began = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(resolved.resolve("m", "latest").version()).isEqualTo(1);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(200));
    fakes.add(1);
    fakes.gate.countDown();
    fakes.changes++;
    assertThat(resolved.resolve("m", "latest").version()).isEqualTo(2);
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

  static final class FakeNetwork implements LoadedNetwork {
    volatile boolean closed;

    @Override
    public Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs) {
      return Map.of();
    }

    @Override
    public long bytes() {
      return 1;
    }

    @Override
    public void close() {
      assertThat(closed).isFalse();
      closed = true;
    }
  }
}
