package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts true and predicted classes of every target with labels. */
final class ConfusionCounts implements BatchObserver {
  /** A larger matrix is unreadable. */
  private static final int MAX_CLASSES = 1000;

  private final Map<String, long[][]> counts = new LinkedHashMap<>();

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    int width = output.shape().rank() < 2 ? 1 : output.shape().last();
    int classes = Math.max(2, width);
    long rows = output.shape().elements() / width;
    boolean labels = target.type() == ElementType.INT64 && target.shape().elements() == rows;
    if (!labels || classes > MAX_CLASSES) {
      return;
    }
    long[][] matrix =
        counts.computeIfAbsent(objective.target(), name -> new long[classes][classes]);
    for (long row = 0; row < rows; row++) {
      int predicted =
          width == 1
              ? (Encoding.isYes(output.floatAt(row), objective.hasLogits()) ? 1 : 0)
              : largest(output, row * width, width);
      long label = target.longAt(row);
      if (label >= 0 && label < classes) {
        matrix[(int) label][predicted]++;
      }
    }
  }

  private static int largest(HostTensor tensor, long from, int width) {
    int best = 0;
    for (int i = 1; i < width; i++) {
      if (tensor.doubleAt(from + i) > tensor.doubleAt(from + best)) {
        best = i;
      }
    }
    return best;
  }

  Map<String, ConfusionMatrix> matrices() {
    Map<String, ConfusionMatrix> matrices = new LinkedHashMap<>();
    counts.forEach((target, matrix) -> matrices.put(target, matrix(matrix)));
    return matrices;
  }

  private static ConfusionMatrix matrix(long[][] counts) {
    List<List<Long>> rows = new ArrayList<>();
    for (long[] row : counts) {
      List<Long> copy = new ArrayList<>();
      for (long count : row) {
        copy.add(count);
      }
      rows.add(copy);
    }
    return new ConfusionMatrix(rows);
  }
}
