package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.Http;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** All bodies share one bound, and each request gives back what it took. */
class BodyMemoryTest {
  private static final int KB = 1024;

  private final BodyMemory memory = new BodyMemory(100 * KB, Duration.ofMillis(20));

  private static void read(BodyMemory.Reservation request, int bytes, long declared) {
    ScopedValue.where(BodyMemory.CURRENT, request)
        .run(
            () -> {
              try {
                var in = new ByteArrayInputStream(new byte[bytes]);
                assertThat(BoundedBody.read(in, declared, 1 << 30)).hasSize(bytes);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  private static void refused(ErrorCode code, Runnable reading) {
    assertThatThrownBy(reading::run)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void bodiesShareTheBoundAndGiveItBack() {
    try (var first = memory.open();
        var second = memory.open()) {
      read(first, 60 * KB, 60 * KB);
      refused(ErrorCode.UNAVAILABLE, () -> read(second, 60 * KB, -1));
    }
    assertThat(memory.freeBytes()).isEqualTo(100 * KB);
    try (var third = memory.open()) {
      read(third, 100 * KB, 100 * KB);
      assertThat(memory.freeBytes()).isZero();
    }
    assertThat(memory.freeBytes()).isEqualTo(100 * KB);
  }

  @Test
  void bodyThatNeverFitsIsTooLarge() {
    try (var request = memory.open()) {
      refused(ErrorCode.BODY_TOO_LARGE, () -> read(request, 101 * KB, -1));
    }
    assertThat(memory.freeBytes()).isEqualTo(100 * KB);
  }

  @Test
  void declaredLengthTakesNothingBeforeItsBytes() {
    try (var request = memory.open()) {
      ScopedValue.where(BodyMemory.CURRENT, request)
          .run(
              () -> {
                try {
                  BoundedBody.read(new ByteArrayInputStream(new byte[10]), 90 * KB, 1 << 30);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(memory.freeBytes()).isGreaterThanOrEqualTo(84 * KB);
    }
  }

  @Test
  void valuesOfAJsonBodyCountToo() {
    byte[] many = Http.utf8("[" + "{},".repeat(1000) + "{}]");
    try (var request = memory.open()) {
      ScopedValue.where(BodyMemory.CURRENT, request)
          .run(
              () ->
                  refused(
                      ErrorCode.BODY_TOO_LARGE,
                      () -> {
                        try {
                          BoundedBody.json(new ByteArrayInputStream(many), -1, 1 << 20);
                        } catch (IOException e) {
                          throw new AssertionError(e);
                        }
                      }));
    }
  }

  @Test
  void waitingRequestGetsTheRoomOfAnotherThatEnds() throws InterruptedException {
    BodyMemory patient = new BodyMemory(100 * KB, Duration.ofSeconds(20));
    var first = patient.open();
    read(first, 90 * KB, 90 * KB);
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try (var second = patient.open()) {
                read(second, 50 * KB, 50 * KB);
              }
              done.countDown();
            });
    first.close();
    done.await();
    assertThat(patient.freeBytes()).isEqualTo(100 * KB);
  }
}
