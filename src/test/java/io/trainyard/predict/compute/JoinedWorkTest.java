package io.trainyard.predict.compute;

import static io.trainyard.predict.compute.ComputeQueue.Weight.LIGHT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Work of {@link ComputeQueue} that is computed together with other work. */
@Timeout(30)
class JoinedWorkTest {
  /** Work of one step that doubles its number, alone or with others of the same kind. */
  private static final class Doubling implements ComputeQueue.Work<Integer> {
    final int number;
    final boolean fails;
    final List<List<Integer>> steps;

    Doubling(int number, boolean fails, List<List<Integer>> steps) {
      this.number = number;
      this.fails = fails;
      this.steps = steps;
    }

    @Override
    public int steps() {
      return 1;
    }

    @Override
    public ComputeQueue.Weight weight() {
      return LIGHT;
    }

    @Override
    public Integer next(BooleanSupplier stopped) {
      return compute(List.of(this)).getFirst();
    }

    @Override
    public boolean joins(ComputeQueue.Work<?> other, int rows) {
      return other instanceof Doubling && rows < 4;
    }

    @Override
    public List<Integer> together(
        List<ComputeQueue.Work<Integer>> others, BooleanSupplier stopped) {
      List<Doubling> all = new ArrayList<>(List.of(this));
      others.forEach(other -> all.add((Doubling) other));
      return compute(all);
    }

    private List<Integer> compute(List<Doubling> all) {
      steps.add(all.stream().map(each -> each.number).toList());
      if (all.stream().anyMatch(each -> each.fails)) {
        throw new IllegalArgumentException("one of " + steps.getLast());
      }
      return all.stream().map(each -> 2 * each.number).toList();
    }
  }

  @Test
  void whatWaitsInALaneIsComputedTogether() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    List<List<Integer>> steps = Collections.synchronizedList(new ArrayList<>());
    try (ComputeQueue one = ComputeQueueTest.threads(1)) {
      ComputeQueue.Lane lane = new ComputeQueue.Lane();
      ComputeQueueTest.Steps first =
          new ComputeQueueTest.Steps(1, LIGHT, (_, _) -> ComputeQueueTest.await(gate));
      Future<String> held =
          ComputeQueueTest.async(
              () -> one.call(lane, first, Deadline.in(ComputeQueueTest.PATIENCE)));
      ComputeQueueTest.await(first.began);
      List<Future<Integer>> doubled = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Doubling work = new Doubling(i, i == 1, steps);
        BooleanSupplier left = i == 2 ? () -> true : () -> false;
        Deadline deadline = new Deadline(System.nanoTime(), ComputeQueueTest.PATIENCE, left);
        int before = i;
        doubled.add(ComputeQueueTest.async(() -> one.call(lane, work, deadline)));
        while (one.depth() == before) {
          Thread.sleep(1);
        }
      }
      Future<Integer> elsewhere =
          ComputeQueueTest.async(
              () ->
                  one.call(
                      new ComputeQueue.Lane(),
                      new Doubling(9, false, steps),
                      Deadline.in(ComputeQueueTest.PATIENCE)));
      while (one.depth() < 7) {
        Thread.sleep(1);
      }
      gate.countDown();
      assertThat(held.get()).isEqualTo("after 1");
      for (int i : new int[] {0, 3, 4, 5}) {
        assertThat(doubled.get(i).get()).isEqualTo(2 * i);
      }
      assertThat(elsewhere.get()).isEqualTo(18);
      assertThatThrownBy(() -> doubled.get(1).get()).hasMessageContaining("one of [1]");
      assertThatThrownBy(() -> doubled.get(2).get()).hasMessageContaining("has left");
    }
    // Four at most; without the caller who left; each alone when one of them fails.
    assertThat(steps)
        .containsExactlyInAnyOrder(
            List.of(0, 1, 3), List.of(0), List.of(1), List.of(3), List.of(4, 5), List.of(9));
  }
}
