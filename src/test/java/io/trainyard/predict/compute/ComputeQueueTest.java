package io.trainyard.predict.compute;

import static io.trainyard.predict.compute.ComputeQueue.Weight.HEAVY;
import static io.trainyard.predict.compute.ComputeQueue.Weight.LARGE;
import static io.trainyard.predict.compute.ComputeQueue.Weight.LIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ComputeQueueTest {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  final ComputeQueue queue =
      new ComputeQueue(1, 1, (name, loop) -> Thread.ofPlatform().daemon().name(name).start(loop));
  final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    queue.close();
  }

  private <T> T call(Callable<T> work, Duration timeout) {
    return queue.call(new ComputeQueue.Lane(), single(work), Deadline.in(timeout));
  }

  @Test
  void workRunsOnAThreadOfTheQueue() {
    assertThat(call(() -> Thread.currentThread().getName(), PATIENCE)).isEqualTo("predict-1");
  }

  @Test
  void failureReachesTheCallerAndTheThreadLives() {
    assertThatThrownBy(
            () ->
                call(
                    () -> {
                      throw new IllegalArgumentException("no");
                    },
                    PATIENCE))
        .hasMessage("no");
    assertThat(call(() -> 1, PATIENCE)).isEqualTo(1);
  }

  @Test
  void fullQueueRefusesAndWhatNobodyWaitsForIsNotComputed() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    AtomicInteger computed = new AtomicInteger();
    Thread first =
        Thread.startVirtualThread(
            () ->
                call(
                    () -> {
                      busy.countDown();
                      gate.await();
                      return 1;
                    },
                    PATIENCE));
    busy.await();
    assertCode(() -> call(computed::incrementAndGet, Duration.ofMillis(20)), ErrorCode.UNAVAILABLE);
    Thread second = Thread.startVirtualThread(() -> call(computed::incrementAndGet, PATIENCE));
    awaitDepth(queue);
    assertCode(() -> call(computed::incrementAndGet, PATIENCE), ErrorCode.QUEUE_FULL);
    gate.countDown();
    first.join();
    second.join();
    assertThat(computed).hasValue(1);
  }

  /** The service stops, so nobody waits for the work. */
  @Test
  void aCallerWhoIsInterruptedLeavesTheQueue() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    AtomicInteger computed = new AtomicInteger();
    Thread first =
        Thread.startVirtualThread(
            () ->
                call(
                    () -> {
                      busy.countDown();
                      gate.await();
                      return 1;
                    },
                    PATIENCE));
    busy.await();
    FutureTask<Integer> waits = new FutureTask<>(() -> call(computed::incrementAndGet, PATIENCE));
    Thread second = Thread.ofPlatform().start(waits);
    awaitDepth(queue);
    second.interrupt();
    second.join();
    assertThat(waits.exceptionNow())
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(queue.depth()).isZero();
    gate.countDown();
    first.join();
    assertThat(computed).hasValue(0);
  }

  /** Work that records its steps and waits in each. */
  static final class Steps implements ComputeQueue.Work<String> {
    final CountDownLatch began = new CountDownLatch(1);
    final CountDownLatch stopped = new CountDownLatch(1);
    final int steps;
    final ComputeQueue.Weight weight;
    final BiConsumer<Integer, BooleanSupplier> step;
    int done;

    Steps(int steps, ComputeQueue.Weight weight, BiConsumer<Integer, BooleanSupplier> step) {
      this.steps = steps;
      this.weight = weight;
      this.step = step;
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public ComputeQueue.Weight weight() {
      return weight;
    }

    @Override
    public String next(BooleanSupplier asked) {
      began.countDown();
      step.accept(++done, asked);
      if (asked.getAsBoolean()) {
        stopped.countDown();
        throw new CancellationException();
      }
      return "after " + done;
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitDepth(ComputeQueue queue) throws InterruptedException {
    while (queue.depth() == 0) {
      Thread.sleep(1);
    }
  }

  static ComputeQueue threads(int count) {
    return new ComputeQueue(
        count, 100, (name, loop) -> Thread.ofPlatform().daemon().name(name).start(loop));
  }

  @Test
  void oneModelLeavesAThreadToTheOthers() throws Exception {
    try (ComputeQueue two = threads(2)) {
      ComputeQueue.Lane busy = new ComputeQueue.Lane();
      Steps first = new Steps(1, LIGHT, (_, _) -> await(gate));
      Steps second = new Steps(1, LIGHT, (_, _) -> {});
      Future<String> held = async(() -> two.call(busy, first, Deadline.in(PATIENCE)));
      await(first.began);
      Future<String> waiting = async(() -> two.call(busy, second, Deadline.in(PATIENCE)));
      for (int i = 0; i < 100; i++) {
        assertThat(light(two)).isEqualTo(1);
      }
      assertThat(second.began.getCount()).as("one thread is left free").isEqualTo(1);
      gate.countDown();
      assertThat(held.get()).isEqualTo("after 1");
      assertThat(waiting.get()).isEqualTo("after 1");
    }
  }

  @Test
  void heavyWorkOfManyModelsLeavesAThreadForLightWork() throws Exception {
    try (ComputeQueue three = threads(3)) {
      List<Future<String>> heavy = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Steps work = new Steps(1, HEAVY, (_, _) -> await(gate));
        heavy.add(async(() -> three.call(new ComputeQueue.Lane(), work, Deadline.in(PATIENCE))));
      }
      for (int i = 0; i < 100; i++) {
        assertThat(light(three)).isEqualTo(1);
      }
      assertThat(heavy).noneMatch(Future::isDone);
      gate.countDown();
      for (Future<String> each : heavy) {
        assertThat(each.get()).isEqualTo("after 1");
      }
    }
  }

  @Test
  void oneLargeRowIsComputedAtATime() throws Exception {
    try (ComputeQueue four = threads(4)) {
      Steps first = new Steps(1, LARGE, (_, _) -> await(gate));
      Steps second = new Steps(1, LARGE, (_, _) -> {});
      Steps heavy = new Steps(1, HEAVY, (_, _) -> {});
      Future<String> held =
          async(() -> four.call(new ComputeQueue.Lane(), first, Deadline.in(PATIENCE)));
      await(first.began);
      Future<String> waiting =
          async(() -> four.call(new ComputeQueue.Lane(), second, Deadline.in(PATIENCE)));
      awaitDepth(four);
      assertThat(four.call(new ComputeQueue.Lane(), heavy, Deadline.in(PATIENCE)))
          .isEqualTo("after 1");
      assertThat(light(four)).isEqualTo(1);
      assertThat(second.began.getCount()).isEqualTo(1);
      gate.countDown();
      assertThat(held.get()).isEqualTo("after 1");
      assertThat(waiting.get()).isEqualTo("after 1");
    }
  }

  @Test
  void workBehindHeavyWorkRunsWhenThatIsDropped() throws Exception {
    try (ComputeQueue two = threads(2)) {
      Steps heavy = new Steps(1, HEAVY, (_, _) -> await(gate));
      Future<String> held =
          async(() -> two.call(new ComputeQueue.Lane(), heavy, Deadline.in(PATIENCE)));
      await(heavy.began);
      ComputeQueue.Lane lane = new ComputeQueue.Lane();
      Steps dropped = new Steps(1, HEAVY, (_, _) -> {});
      Future<?> blocked = async(() -> two.call(lane, dropped, Deadline.in(Duration.ofMillis(200))));
      awaitDepth(two);
      assertThat(two.<Integer>call(lane, single(() -> 1), Deadline.in(PATIENCE))).isEqualTo(1);
      assertThatThrownBy(blocked::get).hasRootCauseInstanceOf(ServiceException.class);
      gate.countDown();
      assertThat(held.get()).isEqualTo("after 1");
    }
  }

  @Test
  void otherModelsRunBetweenTheSteps() throws Exception {
    CountDownLatch queued = new CountDownLatch(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    try (ComputeQueue one = threads(1)) {
      Steps slices =
          new Steps(
              3,
              HEAVY,
              (step, _) -> {
                order.add("slice " + step);
                await(queued);
              });
      Future<String> sliced =
          async(() -> one.call(new ComputeQueue.Lane(), slices, Deadline.in(PATIENCE)));
      await(slices.began);
      Future<Boolean> row =
          async(
              () ->
                  one.call(
                      new ComputeQueue.Lane(),
                      single(() -> order.add("row")),
                      Deadline.in(PATIENCE)));
      awaitDepth(one);
      queued.countDown();
      assertThat(sliced.get()).isEqualTo("after 3");
      row.get();
    }
    assertThat(order).containsExactly("slice 1", "row", "slice 2", "slice 3");
  }

  @Test
  void workPastItsDeadlineIsToldToStopAndTheThreadGoesOn() throws Exception {
    try (ComputeQueue one = threads(1)) {
      Steps endless =
          new Steps(
              1_000_000,
              HEAVY,
              (_, asked) -> {
                while (!asked.getAsBoolean()) {
                  Thread.onSpinWait();
                }
              });
      assertCode(
          () -> one.call(new ComputeQueue.Lane(), endless, Deadline.in(Duration.ofMillis(400))),
          ErrorCode.UNAVAILABLE);
      await(endless.stopped);
      assertThat(light(one)).isEqualTo(1);
      assertThat(endless.done).isEqualTo(1);
    }
  }

  @Test
  void closingStopsWorkUnderWay() throws Exception {
    ComputeQueue one = threads(1);
    Steps endless =
        new Steps(
            2,
            HEAVY,
            (_, asked) -> {
              while (!asked.getAsBoolean()) {
                Thread.onSpinWait();
              }
            });
    Future<?> caller =
        async(
            () -> {
              assertCode(
                  () -> one.call(new ComputeQueue.Lane(), endless, Deadline.in(PATIENCE)),
                  ErrorCode.UNAVAILABLE);
              return true;
            });
    await(endless.began);
    one.close();
    await(endless.stopped);
    caller.get();
  }

  /** Light work of one step. */
  private static <T> ComputeQueue.Work<T> single(Callable<T> work) {
    return new ComputeQueue.Work<>() {
      @Override
      public int steps() {
        return 1;
      }

      @Override
      public ComputeQueue.Weight weight() {
        return LIGHT;
      }

      @Override
      public T next(BooleanSupplier stopped) {
        try {
          return work.call();
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  private static int light(ComputeQueue queue) {
    return queue.call(new ComputeQueue.Lane(), single(() -> 1), Deadline.in(PATIENCE));
  }

  static <T> Future<T> async(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread.startVirtualThread(task);
    return task;
  }

  private static void assertCode(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
