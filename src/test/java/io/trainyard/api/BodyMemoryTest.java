package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.Http;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
      assertThat(memory.freeBytes()).isLessThan(40 * KB);
      second.close();
      assertThat(memory.freeBytes()).isEqualTo(40 * KB);
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

  /** Has read at least half of what is reserved whenever it is asked for more. */
  private final class Watched extends ByteArrayInputStream {
    Watched(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int readNBytes(byte[] into, int from, int length) {
      assertThat(100 * KB - memory.freeBytes()).isLessThanOrEqualTo(Math.max(16 * KB, 2 * pos));
      return super.readNBytes(into, from, length);
    }
  }

  @Test
  void answerThatNeverFitsIsNotCalledABody() {
    try (var request = memory.open()) {
      ScopedValue.where(BodyMemory.CURRENT, request)
          .run(
              () ->
                  assertThatThrownBy(() -> BodyMemory.reserveAnswer(101 * KB, "Ask for less"))
                      .isInstanceOfSatisfying(
                          ServiceException.class,
                          e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY);
                            assertThat(e.detail())
                                .isEqualTo(
                                    "The answer needs about 103424 bytes of memory, more than the"
                                        + " 102400 that all requests together may use. Ask for"
                                        + " less");
                          }));
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
                  BoundedBody.read(new Watched(new byte[40 * KB]), 90 * KB, 1 << 30);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
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
      assertThat(memory.freeBytes()).as("the body alone fits").isGreaterThanOrEqualTo(84 * KB);
    }
    assertThat(memory.freeBytes()).isEqualTo(100 * KB);
  }

  @Test
  @Timeout(20)
  void waitingRequestGetsTheRoomOfAnotherThatEnds() throws InterruptedException {
    BodyMemory patient = new BodyMemory(100 * KB, Duration.ofSeconds(20));
    AtomicLong freeWhenRead = new AtomicLong(-1);
    try (var first = patient.open()) {
      read(first, 90 * KB, 90 * KB);
      Thread waiting =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (var second = patient.open()) {
                      read(second, 50 * KB, 50 * KB);
                      freeWhenRead.set(patient.freeBytes());
                    }
                  });
      while (waiting.getState() != Thread.State.TIMED_WAITING) {
        Thread.sleep(1);
      }
      assertThat(freeWhenRead).as("it waits").hasValue(-1);
      first.close();
      waiting.join();
    }
    assertThat(freeWhenRead).hasValue(50 * KB);
    assertThat(patient.freeBytes()).isEqualTo(100 * KB);
  }
}
