package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
      new LoadedModels(
          new VersionLoader(fakes.weights, (_, _, _) -> network()), _ -> {}, threads, 100);

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
      model.get().network().release();
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
    assertThat(networks).extracting(network -> network.closed.get()).containsExactly(0, 1, 0);
    assertThat(models.bytes()).isEqualTo(80);
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
            new VersionLoader(
                fakes.weights,
                (_, _, _) -> {
                  await(gate);
                  return network();
                }),
            _ -> {},
            threads,
            100);
    ModelVersion version = fakes.add(10);
    assertCode(() -> slow.hold(version, Duration.ofMillis(20)), ErrorCode.LOADING);
    gate.countDown();
    slow.hold(version, PATIENCE).network().release();
    assertThat(networks).hasSize(1);
  }

  @Test
  void failedLoadIsForgottenAndTriedAgain() {
    LoadedModels flaky =
        new LoadedModels(
            new VersionLoader(
                fakes.weights,
                (_, _, _) -> {
                  if (networks.isEmpty()) {
                    network();
                    throw new ServiceException(ErrorCode.CORRUPT_FILE, "damaged");
                  }
                  return network();
                }),
            _ -> {},
            threads,
            100);
    ModelVersion version = fakes.add(10);
    assertCode(() -> flaky.hold(version, PATIENCE), ErrorCode.CORRUPT_FILE);
    assertThat(flaky.bytes()).isZero();
    flaky.hold(version, PATIENCE).network().release();
    assertThat(flaky.bytes()).isEqualTo(10);
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
