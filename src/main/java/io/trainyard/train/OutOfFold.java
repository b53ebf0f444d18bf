package io.trainyard.train;

import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.LossSums;
import io.trainyard.engine.Objective;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What each member of an ensemble says of the rows of its fold, which it has not seen. It is
 * computed once and kept, member by member.
 */
final class OutOfFold implements AnsweredRows {
  private final List<Objective> objectives;
  private final List<Batch> batches = new ArrayList<>();
  private int[] numbers = new int[0];

  OutOfFold(List<Objective> objectives) {
    this.objectives = objectives;
  }

  /** The outputs of one objective for some rows, beside the truth. */
  private record Shown(Objective objective, HostTensor output, HostTensor target) {}

  /** Some rows of one member. */
  private record Batch(List<Shown> shown, @Nullable HostTensor rowLosses) {}

  private final List<LossSums> sums = new ArrayList<>();

  /**
   * Adds the rows of a member's fold.
   *
   * @param own their numbers in the dataset
   */
  boolean add(AnsweredRows fold, int[] own, BooleanSupplier mayContinue) {
    int before = numbers.length;
    numbers = Arrays.copyOf(numbers, before + own.length);
    System.arraycopy(own, 0, numbers, before, own.length);
    LossSums losses = new LossSums(objectives);
    boolean whole = fold.each(new Kept(), losses, mayContinue);
    sums.add(losses);
    return whole;
  }

  private final class Kept implements BatchObserver {
    private List<Shown> shown = new ArrayList<>();

    @Override
    public void batch(Objective objective, HostTensor output, HostTensor target) {
      shown.add(new Shown(objective, copy(output), copy(target)));
    }

    @Override
    public boolean wantsRowLosses() {
      return true;
    }

    @Override
    public void rowLosses(HostTensor losses) {
      batches.add(new Batch(shown, copy(losses)));
      shown = new ArrayList<>();
    }
  }

  private static HostTensor copy(HostTensor tensor) {
    HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  @Override
  public int rows() {
    return numbers.length;
  }

  /** The numbers of some of these rows among the selected rows of the dataset. */
  int[] numbers(int[] places) {
    return IntStream.of(places).map(place -> numbers[place]).toArray();
  }

  @Override
  public boolean each(
      @Nullable BatchObserver observer, LossSums losses, BooleanSupplier mayContinue) {
    sums.forEach(losses::add);
    if (observer == null) {
      return true;
    }
    for (Batch batch : batches) {
      if (!mayContinue.getAsBoolean()) {
        return false;
      }
      for (Shown shown : batch.shown()) {
        observer.batch(shown.objective(), shown.output(), shown.target());
      }
      HostTensor rowLosses = batch.rowLosses();
      if (observer.wantsRowLosses() && rowLosses != null) {
        observer.rowLosses(rowLosses);
      }
    }
    return true;
  }
}
