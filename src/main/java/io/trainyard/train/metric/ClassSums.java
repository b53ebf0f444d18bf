package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts true and predicted classes, and keeps some scores for the curves. */
final class ClassSums implements TargetSums {
  /** A larger matrix is unreadable. */
  static final int MAX_CLASSES = 1000;

  /** More curves are unreadable. */
  private static final int MAX_CURVES = 50;

  private final List<String> labels;
  private final MeasuredTarget target;
  private final int width;
  private final int classes;

  /** The classes that have a curve; one of two classes. */
  private final int curves;

  private final long[][] counts;
  private final float[] scores;
  private final int[] truths;

  /** One of so many positions has its scores kept. */
  private final long every;

  /** Null without probabilities. */
  private final @Nullable ReliabilityBins bins;

  private long positions;
  private int kept;

  /**
   * @param labels of the classes, as far as they are known
   * @param rows that will be added at most
   */
  ClassSums(MeasuredTarget target, List<String> labels, int rows) {
    this.target = target;
    this.labels = labels;
    MeasuredOutput output = target.output();
    width = output.width();
    classes = Math.max(2, width);
    bins = output.scores().hasProbabilities() ? new ReliabilityBins(output) : null;
    counts = classes > MAX_CLASSES ? new long[0][0] : new long[classes][classes];
    curves = classes > MAX_CURVES ? 0 : classes == 2 ? 1 : classes;
    long all = rows * output.row().elements() / width;
    long most = curves == 0 ? 0 : PartEvaluation.MAX_NUMBERS / curves;
    every = most == 0 ? 1 : Math.max(1, (all + most - 1) / most);
    int capacity = most == 0 ? 0 : (int) ((all + every - 1) / every);
    scores = new float[capacity * curves];
    truths = new int[capacity];
  }

  @Override
  public void add(RowBlock block, int firstRow) {
    if (bins != null) {
      bins.add(block);
    }
    double[] probabilities = curves == 0 ? block.outputs : block.probabilities();
    for (int i = 0; i < block.positions; i++) {
      int label = block.label(i);
      int predicted = target.decided(block, i);
      if (label >= 0 && label < counts.length) {
        counts[label][predicted]++;
      }
      if (positions++ % every == 0 && kept < truths.length) {
        keep(block, probabilities, i, label);
      }
    }
  }

  private void keep(RowBlock block, double[] probabilities, int position, int label) {
    for (int curve = 0; curve < curves; curve++) {
      scores[curve * truths.length + kept] =
          curves == 1
              ? target.score(block, position)
              : (float) probabilities[position * width + curve];
    }
    truths[kept++] = label;
  }

  /** Nothing when there are too many classes. */
  Optional<ClassReport> report() {
    if (counts.length == 0) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add(i < labels.size() ? labels.get(i) : String.valueOf(i));
    }
    Map<String, RocCurve> byClass = new LinkedHashMap<>();
    for (int curve = 0; curve < curves; curve++) {
      int label = curves == 1 ? target.decision().positive() : curve;
      byClass.put(names.get(label), curve(curve, label));
    }
    return Optional.of(
        new ClassReport(
            names,
            ConfusionMatrix.of(counts),
            byClass,
            bins == null ? List.of() : bins.bins(),
            target.rule(names)));
  }

  private RocCurve curve(int curve, int label) {
    float[] own = new float[kept];
    boolean[] positives = new boolean[kept];
    for (int i = 0; i < kept; i++) {
      own[i] = scores[curve * truths.length + i];
      positives[i] = truths[i] == label;
    }
    return RocCurve.of(own, positives, kept);
  }
}
