package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FairTurnsTest {
  private final List<String> order = Collections.synchronizedList(new ArrayList<>());

  private static FairTurns.Turn poll(FairTurns turns, String caller) {
    return Objects.requireNonNull(turns.poll(caller), "a turn");
  }

  /** Waits for a turn, notes it and gives it back. The order of arrival is that of the calls. */
  private Future<Boolean> queue(FairTurns turns, String caller) throws InterruptedException {
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread waits =
        Thread.startVirtualThread(
            () -> {
              try (FairTurns.Turn _ = turns.take(caller, null, () -> {})) {
                ended.complete(order.add(caller));
              } catch (InterruptedException e) {
                ended.completeExceptionally(e);
              }
            });
    while (waits.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(1);
    }
    return ended;
  }

  @Test
  void callersTakeTurns() throws Exception {
    FairTurns turns = new FairTurns(1, 1);
    List<Future<Boolean>> all = new ArrayList<>();
    try (FairTurns.Turn _ = poll(turns, "a")) {
      for (String caller : List.of("a", "a", "a", "b", "b", "c")) {
        all.add(queue(turns, caller));
      }
    }
    for (Future<Boolean> each : all) {
      each.get();
    }
    assertThat(order).as("behind the turn of a").containsExactly("b", "c", "a", "b", "a", "a");
  }

  @Test
  void oneCallerHoldsAPartOnly() throws Exception {
    FairTurns turns = new FairTurns(3, 2);
    FairTurns.Turn first = poll(turns, "a");
    FairTurns.Turn second = poll(turns, "a");
    assertThat(turns.poll("a")).isNull();
    FairTurns.Turn other = poll(turns, "b");
    assertThat(turns.poll("c")).isNull();
    first.close();
    first.close();
    FairTurns.Turn third = poll(turns, "a");
    assertThat(turns.poll("c")).isNull();
    for (FairTurns.Turn turn : List.of(second, third, other)) {
      turn.close();
    }
  }

  @Test
  void whoHoldsFewerComesFirst() throws Exception {
    FairTurns turns = new FairTurns(3, 2);
    FairTurns.Turn a = poll(turns, "a");
    FairTurns.Turn b = poll(turns, "b");
    FairTurns.Turn b2 = poll(turns, "b");
    Future<Boolean> first = queue(turns, "a");
    Future<Boolean> second = queue(turns, "c");
    b.close();
    first.get();
    second.get();
    assertThat(order).containsExactly("c", "a");
    a.close();
    b2.close();
  }

  @Test
  void waitEndsWithItsTimeOrWhenNobodyWantsIt() throws Exception {
    FairTurns turns = new FairTurns(1, 1);
    try (FairTurns.Turn _ = poll(turns, "a")) {
      assertThat(turns.take("b", Duration.ofMillis(1), () -> {})).isNull();
      assertThatThrownBy(
              () ->
                  turns.take(
                      "b",
                      null,
                      () -> {
                        throw new IllegalStateException("left");
                      }))
          .hasMessage("left");
    }
    poll(turns, "c").close(); // those who gave up are not waited for
  }

  /** Callers that look whether they are next do not keep the place from being given back. */
  @Test
  void whoWaitsGetsThePlaceAsSoonAsItIsFree() throws Exception {
    List<Duration> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) { // some are late on a busy machine
      FairTurns turns = new FairTurns(1, 1);
      FairTurns.Turn held = poll(turns, "a");
      Future<Boolean> waits = queue(turns, "b");
      long free = System.nanoTime();
      held.close();
      assertThat(waits.get()).isTrue();
      all.add(Duration.ofNanos(System.nanoTime() - free));
    }
    assertThat(all).anyMatch(time -> time.compareTo(Duration.ofMillis(700)) < 0);
  }
}
