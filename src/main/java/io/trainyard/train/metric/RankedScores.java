package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * auc and pr_auc, from the outputs of all rows. They stay outside the Java heap: 4 bytes an output,
 * and 4 for a true class or a separate label.
 */
final class RankedScores implements MetricPart {
  private final MeasuredOutput output;
  private final int positive;
  private final int width;
  private final long capacity;
  private @Nullable HostTensor scores;
  private @Nullable HostTensor truths;

  /** Positions added. */
  private int positions;

  /** The values over the rows added so far; null when they must be computed. */
  private Ranking.@Nullable Areas areas;

  /**
   * @param rows that will be added at most
   */
  RankedScores(MeasuredTarget target, int rows) {
    output = target.output();
    positive = target.decision().positive();
    width = output.width();
    capacity = rows * output.row().elements() / width;
  }

  @Override
  public String name() {
    return "scores";
  }

  @Override
  public void clear() {
    positions = 0;
    areas = null;
  }

  @Override
  public void add(RowBlock block) {
    HostTensor own = scores();
    HostTensor labels = truths();
    double[] outputs = block.answers();
    long from = (long) positions * width;
    for (int i = 0; i < block.positions * width; i++) {
      own.setFloat(from + i, (float) outputs[i]);
    }
    if (output.isSeparate()) {
      double[] truth = block.truths();
      for (int i = 0; i < block.positions * width; i++) {
        labels.setInt(from + i, truth[i] >= 0.5 ? 1 : 0);
      }
    } else {
      for (int i = 0; i < block.positions; i++) {
        labels.setInt((long) positions + i, block.label(i));
      }
    }
    positions += block.positions;
    areas = null;
  }

  private HostTensor scores() {
    HostTensor known = scores;
    if (known == null) {
      known = HostTensor.allocate(ElementType.FLOAT32, Shape.of(size(capacity * width)));
      scores = known;
    }
    return known;
  }

  private HostTensor truths() {
    HostTensor known = truths;
    if (known == null) {
      long labels = output.isSeparate() ? capacity * width : capacity;
      known = HostTensor.allocate(ElementType.INT32, Shape.of(size(labels)));
      truths = known;
    }
    return known;
  }

  private static int size(long elements) {
    return Math.toIntExact(elements);
  }

  @Override
  public double value(MetricSpec metric) {
    Ranking.Areas known = areas;
    if (known == null) {
      known = mean();
      areas = known;
    }
    boolean roc = ((MetricSpec.Standard) metric).metric() == Metric.AUC;
    return roc ? known.roc() : known.precisionRecall();
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    HostTensor own = scores();
    for (long i = 0; i < (long) positions * width; i++) {
      if (Float.isNaN(own.floatAt(i))) {
        return MetricPart.super.whyUndefined(metric);
      }
    }
    boolean roc = ((MetricSpec.Standard) metric).metric() == Metric.AUC;
    return roc
        ? "It compares rows of a class with other rows, and all rows are of one class"
        : "It is about the rows of a class, and there is none";
  }

  /** The areas of each class against the rest, averaged over those where they are defined. */
  private Ranking.Areas mean() {
    double roc = 0;
    double precisionRecall = 0;
    int rocs = 0;
    int precisionRecalls = 0;
    boolean two = !output.isSeparate() && width == 2;
    for (int column = two ? positive : 0; column < (two ? positive + 1 : width); column++) {
      Ranking.Areas areas = ranking(column).areas();
      if (!Double.isNaN(areas.roc())) {
        roc += areas.roc();
        rocs++;
      }
      if (!Double.isNaN(areas.precisionRecall())) {
        precisionRecall += areas.precisionRecall();
        precisionRecalls++;
      }
    }
    return new Ranking.Areas(roc / rocs, precisionRecall / precisionRecalls);
  }

  private Ranking ranking(int column) {
    HostTensor own = scores();
    int count = 0;
    for (int i = 0; i < positions; i++) {
      count += isPositive(i, column) ? 1 : 0;
    }
    // A single unit ranks the rows of the first class by its negative.
    int sign = width == 1 && positive == 0 ? -1 : 1;
    float[] positives = new float[count];
    float[] negatives = new float[positions - count];
    int positive = 0;
    for (int i = 0; i < positions; i++) {
      float score = sign * own.floatAt((long) i * width + column);
      if (isPositive(i, column)) {
        positives[positive++] = score;
      } else {
        negatives[i - positive] = score;
      }
    }
    return new Ranking(positives, negatives);
  }

  private boolean isPositive(int position, int column) {
    if (width == 1) {
      return truths().intAt(position) == positive;
    }
    return output.isSeparate()
        ? truths().intAt((long) position * width + column) == 1
        : truths().intAt(position) == column;
  }

  @Override
  public Map<String, HostTensor> state() {
    Map<String, HostTensor> state = new LinkedHashMap<>();
    state.put("positions", HostTensor.ofLongs(Shape.of(1), positions));
    if (positions > 0) {
      state.put("scores", copy(scores(), positions * width));
      state.put("truths", copy(truths(), output.isSeparate() ? positions * width : positions));
    }
    return state;
  }

  private static HostTensor copy(HostTensor tensor, int count) {
    HostTensor copy = HostTensor.allocate(tensor.type(), Shape.of(count));
    MemorySegment.copy(tensor.data(), 0, copy.data(), 0, copy.bytes());
    return copy;
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    clear();
    HostTensor count = stored.get("positions");
    HostTensor storedScores = stored.get("scores");
    HostTensor storedTruths = stored.get("truths");
    if (count != null && storedScores != null && storedTruths != null) {
      positions = Math.toIntExact(count.longAt(0));
      MemorySegment.copy(storedScores.data(), 0, scores().data(), 0, storedScores.bytes());
      MemorySegment.copy(storedTruths.data(), 0, truths().data(), 0, storedTruths.bytes());
    }
  }
}
