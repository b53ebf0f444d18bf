package io.trainyard.train.metric;

import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.UnaryOperator;

/** The rows with the largest loss. */
final class WorstRows {
  private static final int MAX_ROWS = 20;

  /** Not a number is larger than any; of equal losses, the earlier row counts as the larger one. */
  private static final Comparator<Row> BY_LOSS =
      Comparator.comparingDouble(Row::loss).thenComparing(Row::row, Comparator.reverseOrder());

  private final PriorityQueue<Row> rows = new PriorityQueue<>(BY_LOSS);
  private int next;

  private record Row(int row, double loss) {}

  /** Adds the losses of the rows that follow those added before. */
  void add(HostTensor losses) {
    long count = losses.shape().elements();
    for (long i = 0; i < count; i++) {
      add(losses.doubleAt(i));
    }
  }

  void add(double loss) {
    rows.add(new Row(next++, loss));
    if (rows.size() > MAX_ROWS) {
      rows.remove();
    }
  }

  /**
   * The rows, worst first.
   *
   * @param numbering gives rows of the part their numbers in the dataset
   */
  List<Evaluation.WorstRow> list(UnaryOperator<int[]> numbering) {
    List<Row> sorted = rows.stream().sorted(BY_LOSS.reversed()).toList();
    int[] numbers = numbering.apply(sorted.stream().mapToInt(Row::row).toArray());
    List<Evaluation.WorstRow> worst = new ArrayList<>();
    for (int i = 0; i < numbers.length; i++) {
      worst.add(new Evaluation.WorstRow(numbers[i], sorted.get(i).loss()));
    }
    return worst;
  }
}
