package io.trainyard.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

/** Work of callers is bounded in number and time, and stops when its caller has left. */
@Timeout(30)
class InspectionsTest {
  private static Inspections inspections(Duration timeout) {
    return new Inspections(new InspectProperties(1, 2, timeout, DataSize.ofMegabytes(1)));
  }

  private static String untilStopped(
      java.util.function.BooleanSupplier stopped, CountDownLatch ended) {
    while (!stopped.getAsBoolean()) {
      Thread.onSpinWait();
    }
    ended.countDown();
    throw new CancellationException();
  }

  @Test
  void workStopsWhenItsCallerHasLeft() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    try (Inspections inspections = inspections(Duration.ofSeconds(20))) {
      assertThatThrownBy(
              () ->
                  CurrentCaller.call(
                      left::get,
                      () ->
                          inspections.run(
                              stopped -> {
                                left.set(true);
                                return untilStopped(stopped, ended);
                              })))
          .isInstanceOfSatisfying(
              ServiceException.class, e -> assertThat(e.detail()).contains("has left"));
      assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
      String next = inspections.run(_ -> "next");
      assertThat(next).isEqualTo("next");
    }
  }

  @Test
  void workThatTakesTooLongIsStopped() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (Inspections inspections = inspections(Duration.ofMillis(300))) {
      assertThatThrownBy(() -> inspections.run(stopped -> untilStopped(stopped, ended)))
          .isInstanceOfSatisfying(
              ServiceException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                assertThat(e.detail()).contains("trainyard.inspect.timeout");
              });
      assertThat(ended.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void tooMuchWaitingWorkIsRefused() throws Exception {
    try (Inspections inspections = inspections(Duration.ofSeconds(20))) {
      CountDownLatch go = new CountDownLatch(1);
      CountDownLatch running = new CountDownLatch(1);
      List<Thread> callers = new ArrayList<>();
      Inspections.Work<Boolean> waiting =
          _ -> {
            running.countDown();
            try {
              return go.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          };
      for (int i = 0; i < 3; i++) {
        callers.add(Thread.ofPlatform().start(() -> inspections.run(waiting)));
        assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
      }
      Thread.sleep(200);
      assertThatThrownBy(() -> inspections.run(_ -> "one too many"))
          .isInstanceOfSatisfying(
              ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUEUE_FULL));
      go.countDown();
      for (Thread caller : callers) {
        caller.join();
      }
    }
  }

  @Test
  void aBadSettingSaysWhatIsAllowed() {
    assertThatThrownBy(
            () -> new InspectProperties(0, 1, Duration.ofSeconds(1), DataSize.ofMegabytes(1)))
        .hasMessage("concurrency must be at least 1, was 0");
  }
}
