package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ComputeQueueTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  final ComputeQueue queue =
      new ComputeQueue(1, 1, (name, loop) -> Thread.ofPlatform().daemon().name(name).start(loop));
  final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    queue.close();
  }

  @Test
  void workRunsOnAThreadOfTheQueue() {
    assertThat(queue.call(() -> Thread.currentThread().getName(), PATIENCE)).isEqualTo("predict-1");
  }

  @Test
  void failureReachesTheCallerAndTheThreadLives() {
    assertThatThrownBy(
            () ->
                queue.call(
                    () -> {
                      throw new IllegalArgumentException("no");
                    },
                    PATIENCE))
        .hasMessage("no");
    assertThat(queue.call(() -> 1, PATIENCE)).isEqualTo(1);
  }

  @Test
  void fullQueueRefusesAndWhatNobodyWaitsForIsNotComputed() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    AtomicInteger computed = new AtomicInteger();
    Thread first =
        Thread.startVirtualThread(
            () ->
                queue.call(
                    () -> {
                      busy.countDown();
                      gate.await();
                      return 1;
                    },
                    PATIENCE));
    busy.await();
    assertCode(
        () -> queue.call(computed::incrementAndGet, Duration.ofMillis(20)), ErrorCode.UNAVAILABLE);
    Thread second =
        Thread.startVirtualThread(() -> queue.call(computed::incrementAndGet, PATIENCE));
    while (queue.depth() == 0) {
      Thread.onSpinWait();
    }
    assertCode(() -> queue.call(computed::incrementAndGet, PATIENCE), ErrorCode.QUEUE_FULL);
    gate.countDown();
    first.join();
    second.join();
    assertThat(computed).hasValue(1);
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
