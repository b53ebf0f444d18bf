package io.trainyard.predict.compute;

import static io.trainyard.predict.compute.ComputeQueue.Weight.LIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which work a full {@link ComputeQueue} refuses, and whose turn comes next. */
@Timeout(60)
class FullQueueTest {
  private static final int CAPACITY = 12;
  private static final List<String> CALLERS = List.of("a", "b", "c", "d", "e");
  private static final int LANES = 3;

  private record Sent(String caller, int lane, Future<String> answer) {
    boolean waits() {
      return !answer.isDone();
    }

    boolean isRefused() {
      return answer.state() == Future.State.FAILED
          && answer.exceptionNow() instanceof ServiceException refusal
          && refusal.code() == ErrorCode.QUEUE_FULL;
    }
  }

  /** A queue whose only thread computes nothing until its gate opens. */
  private static final class Waiting implements AutoCloseable {
    final CountDownLatch gate = new CountDownLatch(1);
    final List<ComputeQueue.Lane> lanes = new ArrayList<>();
    final List<Sent> sent = new ArrayList<>();
    final List<Integer> computed = Collections.synchronizedList(new ArrayList<>());
    final ComputeQueue queue =
        new ComputeQueue(
            1, CAPACITY, (name, loop) -> Thread.ofPlatform().daemon().name(name).start(loop));

    Waiting() {
      for (int i = 0; i < LANES; i++) {
        lanes.add(new ComputeQueue.Lane());
      }
      ComputeQueueTest.Steps first =
          new ComputeQueueTest.Steps(1, LIGHT, (_, _) -> ComputeQueueTest.await(gate));
      var _ = call("service", new ComputeQueue.Lane(), first);
      ComputeQueueTest.await(first.began);
    }

    private Future<String> call(
        String caller, ComputeQueue.Lane lane, ComputeQueueTest.Steps work) {
      Identity identity =
          new Identity(caller, caller, Set.of(), Binding.ALL, Binding.ALL, Limits.NONE, 0);
      return ComputeQueueTest.async(
          () ->
              identity.call(() -> queue.call(lane, work, Deadline.in(ComputeQueueTest.PATIENCE))));
    }

    /** Sends work, and waits until it waits or something was refused. */
    void send(String caller, int lane) {
      int number = sent.size();
      ComputeQueueTest.Steps work =
          new ComputeQueueTest.Steps(1, LIGHT, (_, _) -> computed.add(number));
      sent.add(new Sent(caller, lane, call(caller, lanes.get(lane), work)));
      while (queue.depth() + count(each -> !each.waits()) != sent.size()) {
        Thread.onSpinWait();
      }
    }

    void send(int count, String caller, int lane) {
      for (int i = 0; i < count; i++) {
        send(caller, lane);
      }
    }

    int count(Predicate<Sent> which) {
      return (int) sent.stream().filter(which).count();
    }

    int refused(String caller) {
      return count(each -> each.caller().equals(caller) && each.isRefused());
    }

    /** What is waited for, computed in this order. */
    List<Sent> compute() throws Exception {
      gate.countDown();
      for (Sent each : sent) {
        if (!each.isRefused()) {
          each.answer().get();
        }
      }
      return computed.stream().map(sent::get).toList();
    }

    @Override
    public void close() {
      gate.countDown();
      queue.close();
    }
  }

  @Test
  void oneCallerHasAllPlacesUntilAnotherOneComes() {
    try (Waiting waiting = new Waiting()) {
      waiting.send(CAPACITY, "greedy", 0);
      assertThat(waiting.refused("greedy")).isZero();
      waiting.send(2, "greedy", 0);
      assertThat(waiting.refused("greedy")).isEqualTo(2);
      waiting.send(CAPACITY / 2, "other", 1);
      waiting.send(CAPACITY, "greedy", 2);
      assertThat(waiting.refused("other")).as("an equal share is kept").isZero();
      waiting.send("other", 1);
      assertThat(waiting.refused("other")).isEqualTo(1);
    }
  }

  @Test
  void aModelLeavesPlacesToTheOtherModelsOfItsCaller() {
    try (Waiting waiting = new Waiting()) {
      waiting.send(CAPACITY, "one", 0);
      waiting.send(CAPACITY / 2, "one", 1);
      assertThat(waiting.count(each -> each.lane() == 1 && each.isRefused())).isZero();
      assertThat(waiting.refused("one")).isEqualTo(CAPACITY / 2);
    }
  }

  @Test
  void aModelOfManyCallersLeavesPlacesToOtherModels() {
    try (Waiting waiting = new Waiting()) {
      for (int i = 0; i < CAPACITY; i++) {
        waiting.send("key" + i, 0);
      }
      waiting.send("other", 1);
      assertThat(waiting.refused("other")).isZero();
      assertThat(waiting.count(Sent::isRefused)).isEqualTo(1);
    }
  }

  @Test
  void callersOfOneModelTakeTurns() throws Exception {
    try (Waiting waiting = new Waiting()) {
      waiting.send(5, "first", 0);
      waiting.send(2, "second", 0);
      waiting.send(1, "third", 0);
      assertThat(waiting.compute().stream().map(Sent::caller))
          .containsExactly(
              "first", "second", "third", "first", "second", "first", "first", "first");
    }
  }

  private static final Comparator<List<Integer>> SMALLER =
      Comparator.comparing((List<Integer> share) -> share.get(0))
          .thenComparing(share -> share.get(1))
          .thenComparing(share -> share.get(2));

  private static Predicate<Sent> of(Sent work) {
    return each -> each.caller().equals(work.caller());
  }

  private static Predicate<Sent> in(Sent work) {
    return each -> each.lane() == work.lane();
  }

  private static int count(List<Sent> all, Predicate<Sent> which) {
    return (int) all.stream().filter(which).count();
  }

  /** Before the refusal, the refused work was in the largest share, the new work with it. */
  private static void checkRefusal(List<Sent> before, String run) {
    List<Sent> refused = before.stream().filter(each -> !each.waits()).toList();
    assertThat(refused).as(run).hasSize(before.size() > CAPACITY ? 1 : 0);
    if (refused.isEmpty()) {
      return;
    }
    Map<Sent, List<Integer>> shares = new HashMap<>();
    for (Sent each : before) {
      shares.put(
          each,
          List.of(
              count(before, of(each)),
              count(before, of(each).and(in(each))),
              count(before, in(each))));
    }
    List<Integer> largest = shares.values().stream().max(SMALLER).orElseThrow();
    Sent own = refused.getFirst();
    assertThat(shares.get(own)).as(run).isEqualTo(largest);
    Sent newest = before.getLast();
    if (largest.equals(shares.get(newest))) {
      assertThat(own).as(run + ": no share is larger than that of the new work").isEqualTo(newest);
    }
    assertThat(before.stream().filter(of(own).and(in(own))).toList().getLast())
        .as(run + ": the newest of its caller and model")
        .isEqualTo(own);
    long callers = before.stream().map(Sent::caller).distinct().count();
    assertThat(largest.getFirst() * callers).as(run).isGreaterThan(CAPACITY);
  }

  @Test
  void theNewestOfTheLargestShareIsRefused() throws Exception {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int callers = 1 + random.nextInt(CALLERS.size());
      double greedy = random.nextDouble();
      try (Waiting waiting = new Waiting()) {
        for (int i = 0; i < 50; i++) {
          String caller = random.nextDouble() < greedy ? "a" : CALLERS.get(random.nextInt(callers));
          List<Sent> before = new ArrayList<>(waiting.sent.stream().filter(Sent::waits).toList());
          waiting.send(caller, random.nextInt(LANES));
          before.add(waiting.sent.getLast());
          checkRefusal(before, "seed " + seed + ", work " + i);
        }
        checkTurns(waiting.compute(), "seed " + seed);
      }
    }
  }

  /** In a lane, the n-th work of each caller comes before the next one of any. */
  private static void checkTurns(List<Sent> computed, String run) {
    assertThat(computed).as(run).hasSize(CAPACITY);
    for (int lane = 0; lane < LANES; lane++) {
      Map<String, Integer> done = new HashMap<>();
      int round = 0;
      for (Sent each : computed) {
        if (each.lane() == lane) {
          int own = done.merge(each.caller(), 1, Integer::sum);
          assertThat(own).as(run).isGreaterThanOrEqualTo(round);
          round = own;
        }
      }
    }
  }
}
