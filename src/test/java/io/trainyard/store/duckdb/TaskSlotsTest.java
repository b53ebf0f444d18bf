package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.access.Identity;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DataDirectory;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class TaskSlotsTest {
  @TempDir Path folder;
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    callers.close();
  }

  private static DatasetProperties properties(int slots, int capacity, Duration readWait) {
    return new DatasetProperties(
        DataSize.ofMegabytes(64),
        DataSize.ofMegabytes(256),
        1,
        Duration.ofSeconds(5),
        slots,
        capacity,
        readWait,
        Duration.ofMinutes(1));
  }

  private static TaskSlots slots(int slots, int capacity) {
    return new TaskSlots(properties(slots, capacity, Duration.ofSeconds(30)));
  }

  private Future<String> read(TaskSlots slots) {
    return callers.submit(() -> slots.read(this::waitForEnd));
  }

  private Future<String> upload(TaskSlots slots, String address) {
    return callers.submit(
        () -> Identity.nobody().from(address).call(() -> slots.upload(this::waitForEnd)));
  }

  private String waitForEnd() throws InterruptedException {
    end.await();
    return Thread.currentThread().getName();
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void requestWaitsWhileAPlatformThreadWorks() throws Exception {
    TaskSlots slots = slots(2, 0);
    Future<Boolean> virtual =
        callers.submit(() -> slots.read(() -> Thread.currentThread().isVirtual()));
    assertThat(virtual.get()).isFalse();
    Thread own = Thread.currentThread();
    assertThat(slots.read(Thread::currentThread)).as("a worker's own thread").isSameAs(own);
    end.countDown();
    assertThat(read(slots).get()).startsWith("dataset-task-");
  }

  @Test
  void taskMayStartAnotherOne() throws Exception {
    TaskSlots slots = slots(1, 0);
    assertThat(callers.submit(() -> slots.read(() -> slots.upload(() -> 7))).get()).isEqualTo(7);
  }

  @Test
  void tasksBeyondTheQueueAreRefusedAtOnceAndTheOthersEnd() throws Exception {
    TaskSlots slots = slots(2, 3);
    List<Future<String>> accepted = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      accepted.add(read(slots));
    }
    await(() -> slots.free() == 0);
    for (int i = 0; i < 3; i++) {
      accepted.add(upload(slots, "caller " + i));
    }
    await(() -> slots.waiting() == 3);
    for (int i = 0; i < 20; i++) {
      assertThat(refusal(() -> slots.read(() -> 1)).code()).isEqualTo(ErrorCode.QUEUE_FULL);
    }
    assertThat(catchThrowableOfType(ServiceException.class, slots::checkRoom)).isNotNull();
    end.countDown();
    for (Future<String> task : accepted) {
      assertThat(task.get()).startsWith("dataset-task-");
    }
    await(() -> slots.free() == 2);
  }

  @Test
  void uploadsLeaveASlotToReaders() throws Exception {
    TaskSlots slots = slots(3, 9);
    List<Future<String>> uploads = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      uploads.add(upload(slots, "caller " + i));
    }
    await(() -> slots.waiting() == 3);
    assertThat(slots.free()).isEqualTo(1);
    assertThat(callers.submit(() -> slots.read(() -> "read")).get()).isEqualTo("read");
    end.countDown();
    for (Future<String> each : uploads) {
      each.get();
    }
    await(() -> slots.free() == 3);
  }

  @Test
  void manyUploadsOfOneCallerDoNotStandBeforeOneOfAnother() throws Exception {
    TaskSlots slots = slots(3, 20);
    List<Future<String>> many = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      many.add(upload(slots, "greedy"));
    }
    await(() -> slots.waiting() == 8 && slots.free() == 2);
    Future<String> other =
        callers.submit(
            () -> Identity.nobody().from("other").call(() -> slots.upload(() -> "uploaded")));

    assertThat(other.get(5, TimeUnit.SECONDS)).isEqualTo("uploaded");
    assertThat(many).noneMatch(Future::isDone);
    end.countDown();
    for (Future<String> each : many) {
      each.get();
    }
  }

  @Test
  void oneCallerLeavesAHalfOfTheQueueToOthers() throws Exception {
    TaskSlots slots = slots(1, 6);
    List<Future<String>> accepted = new ArrayList<>(List.of(upload(slots, "greedy")));
    await(() -> slots.free() == 0);
    for (int i = 0; i < 3; i++) {
      accepted.add(upload(slots, "greedy"));
    }
    await(() -> slots.waiting() == 3);
    Identity greedy = Identity.nobody().from("greedy");
    assertThat(refusal(() -> greedy.call(() -> slots.upload(() -> 1))).code())
        .isEqualTo(ErrorCode.QUEUE_FULL);
    assertThat(catchThrowableOfType(ServiceException.class, () -> greedy.call(check(slots))))
        .hasMessageContaining("3 tasks on rows of this caller");
    Identity.nobody().from("other").call(check(slots));
    accepted.add(upload(slots, "other"));
    await(() -> slots.waiting() == 4);
    end.countDown();
    for (Future<String> each : accepted) {
      each.get();
    }
    await(() -> slots.free() == 1);
  }

  private static ScopedValue.CallableOp<Boolean, ServiceException> check(TaskSlots slots) {
    return () -> {
      slots.checkRoom();
      return true;
    };
  }

  @Test
  void readerIsRefusedAfterItsWait() {
    TaskSlots slots = new TaskSlots(properties(1, 9, Duration.ofMillis(20)));
    Future<String> running = read(slots);
    await(() -> slots.free() == 0);
    assertThat(refusal(() -> slots.read(() -> 1)).code()).isEqualTo(ErrorCode.QUEUE_FULL);
    assertThat(running).isNotDone();
    assertThat(slots.waiting()).isZero();
  }

  @Test
  void faultOfATaskReachesItsCaller() {
    TaskSlots slots = slots(1, 0);
    ServiceException fault = new ServiceException(ErrorCode.INVALID_ROWS, "a bad row");
    assertThat(
            refusal(
                () ->
                    slots.read(
                        () -> {
                          throw fault;
                        })))
        .isSameAs(fault);
    await(() -> slots.free() == 1);
  }

  private ServiceException refusal(java.util.concurrent.Callable<?> call) {
    Future<?> result = callers.submit(call);
    Throwable cause = catchThrowableOfType(Exception.class, result::get).getCause();
    assertThat(cause).isInstanceOf(ServiceException.class);
    return (ServiceException) Objects.requireNonNull(cause);
  }

  /** Counts for hours. */
  private long endless() throws SQLException {
    try (DuckDb duck =
        DuckDb.open(
            properties(1, 0, Duration.ZERO),
            folder,
            new DataDirectory(folder).reserve(),
            List.of())) {
      return duck.query(
          "select count(*) from range(100000000000) where hash(range) = 1", DuckDb::firstLong);
    }
  }

  @Test
  void statementEndsWhenItsCallerLeaves() {
    TaskSlots slots = slots(1, 0);
    assertThat(
            refusal(() -> CurrentCaller.call(() -> true, () -> slots.read(this::endless))).code())
        .isEqualTo(ErrorCode.UNAVAILABLE);
    await(() -> slots.free() == 1);
  }

  @Test
  void loopEndsWhenItsCallerIsInterrupted() {
    TaskSlots slots = slots(1, 0);
    Future<?> loop =
        callers.submit(
            () ->
                slots.read(
                    () -> {
                      while (true) {
                        RunningTask.checkCancelled();
                      }
                    }));
    await(() -> slots.free() == 0);
    loop.cancel(true);
    await(() -> slots.free() == 1);
  }
}
