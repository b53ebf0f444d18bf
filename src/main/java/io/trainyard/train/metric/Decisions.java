package io.trainyard.train.metric;

import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of decisions, from counts for each class: its rows, the decisions for it, and those
 * of them that are right. Separate labels count as a class each.
 */
final class Decisions implements MetricPart {
  private final MeasuredTarget target;
  private final MeasuredOutput output;
  private final int classes;
  private final double[] actual;
  private final double[] decided;
  private final double[] hits;
  private double decisions;
  private double correct;

  Decisions(MeasuredTarget target) {
    this.target = target;
    output = target.output();
    classes = Math.max(2, output.width());
    actual = new double[classes];
    decided = new double[classes];
    hits = new double[classes];
  }

  @Override
  public String name() {
    return "decisions";
  }

  @Override
  public void clear() {
    Arrays.fill(actual, 0);
    Arrays.fill(decided, 0);
    Arrays.fill(hits, 0);
    decisions = 0;
    correct = 0;
  }

  @Override
  public void add(RowBlock block) {
    if (!output.hasSeparateLabels()) {
      for (int i = 0; i < block.positions; i++) {
        count(block.label(i), target.decided(block, i));
      }
      return;
    }
    double[] truths = block.truths();
    for (int i = 0; i < block.positions * block.width; i++) {
      boolean yes = output.scores().isYes(block.outputs[i]);
      countLabel(i % block.width, truths[i] >= 0.5, yes);
    }
  }

  private void count(int truth, int decision) {
    decisions++;
    decided[decision]++;
    actual[truth]++;
    if (truth == decision) {
      hits[truth]++;
      correct++;
    }
  }

  private void countLabel(int label, boolean truth, boolean yes) {
    decisions++;
    correct += truth == yes ? 1 : 0;
    decided[label] += yes ? 1 : 0;
    actual[label] += truth ? 1 : 0;
    hits[label] += truth && yes ? 1 : 0;
  }

  @Override
  public double value(MetricSpec metric) {
    MetricSpec.Standard standard = (MetricSpec.Standard) metric;
    return switch (standard.metric()) {
      case ACCURACY -> correct / decisions;
      case BALANCED_ACCURACY -> balanced();
      case MCC -> correlation();
      case PRECISION -> averaged(standard.average(), 1, 0);
      case RECALL -> averaged(standard.average(), 0, 1);
      case F1 -> averaged(standard.average(), 0.5, 0.5);
      default -> throw new IllegalArgumentException(metric.name());
    };
  }

  /**
   * The value for two classes by counts.
   *
   * @param found rows of the positive class that are decided so
   * @param falseAlarms rows of the other class that are decided positive
   */
  double value(
      MetricSpec metric, double found, double falseAlarms, double positives, double negatives) {
    int positive = target.decision().positive();
    int other = 1 - positive;
    actual[positive] = positives;
    actual[other] = negatives;
    decided[positive] = found + falseAlarms;
    decided[other] = positives + negatives - found - falseAlarms;
    hits[positive] = found;
    hits[other] = negatives - falseAlarms;
    decisions = positives + negatives;
    correct = found + hits[other];
    return value(metric);
  }

  private double balanced() {
    double sum = 0;
    int occurring = 0;
    for (int i = 0; i < classes; i++) {
      if (actual[i] > 0) {
        sum += hits[i] / actual[i];
        occurring++;
      }
    }
    return ratio(sum, occurring);
  }

  /**
   * (c·s − Σ dₖaₖ) / √((s² − Σ dₖ²)(s² − Σ aₖ²)), with c right ones of s decisions, dₖ decisions
   * for class k and aₖ rows of it.
   */
  private double correlation() {
    double products = 0;
    double decidedSquares = 0;
    double actualSquares = 0;
    for (int i = 0; i < classes; i++) {
      products += decided[i] * actual[i];
      decidedSquares += decided[i] * decided[i];
      actualSquares += actual[i] * actual[i];
    }
    double all = decisions * decisions;
    double scale = Math.sqrt(all - decidedSquares) * Math.sqrt(all - actualSquares);
    return ratio(correct * decisions - products, scale);
  }

  /**
   * hits / (a·decided + b·actual) of the classes, averaged: precision, recall or f1.
   *
   * @param average null for the default
   */
  private double averaged(MetricSpec.@Nullable Average average, double a, double b) {
    if (average == null && classes == 2 && !output.hasSeparateLabels()) {
      int positive = target.decision().positive();
      return defined(hits[positive], a * decided[positive] + b * actual[positive]);
    }
    double sum = 0;
    double weights = 0;
    double allHits = 0;
    double allBelow = 0;
    for (int i = 0; i < classes; i++) {
      double below = a * decided[i] + b * actual[i];
      boolean occurs = output.hasSeparateLabels() || actual[i] + decided[i] > 0;
      double weight = average == MetricSpec.Average.WEIGHTED ? actual[i] : occurs ? 1 : 0;
      sum += weight * ratio(hits[i], below);
      weights += weight;
      allHits += hits[i];
      allBelow += below;
    }
    return average == MetricSpec.Average.MICRO ? defined(allHits, allBelow) : defined(sum, weights);
  }

  /** Not a number where nothing is counted; of one class in an average that counts as 0. */
  private static double defined(double above, double below) {
    return below == 0 ? Double.NaN : above / below;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    return switch (((MetricSpec.Standard) metric).metric()) {
      case PRECISION -> "No row is predicted to be of the class";
      case RECALL -> "No row is of the class";
      case F1 -> "No row is of the class, and none is predicted to be";
      default -> MetricPart.super.whyUndefined(metric);
    };
  }

  private static double ratio(double above, double below) {
    return below == 0 ? 0 : above / below;
  }

  @Override
  public Map<String, HostTensor> state() {
    double[] sums = new double[2 + 3 * classes];
    sums[0] = decisions;
    sums[1] = correct;
    System.arraycopy(actual, 0, sums, 2, classes);
    System.arraycopy(decided, 0, sums, 2 + classes, classes);
    System.arraycopy(hits, 0, sums, 2 + 2 * classes, classes);
    return MetricPart.state(sums);
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    double[] sums = MetricPart.sums(stored, 2 + 3 * classes);
    decisions = sums[0];
    correct = sums[1];
    System.arraycopy(sums, 2, actual, 0, classes);
    System.arraycopy(sums, 2 + classes, decided, 0, classes);
    System.arraycopy(sums, 2 + 2 * classes, hits, 0, classes);
  }
}
