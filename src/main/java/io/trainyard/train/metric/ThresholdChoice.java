package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.Objects;

/**
 * Chooses the threshold of a target of two classes: of the scores of its rows the one from which on
 * a metric of decisions is largest. Of equal values the threshold nearest to the default counts,
 * then the smaller one, so that a choice depends on the scores alone.
 */
final class ThresholdChoice {
  private final MeasuredTarget target;
  private final RowBlock block;
  private final Decision rule;
  private final Decisions metric;
  private final MetricSpec.Standard spec;

  /** By class: 1 is the positive one. */
  private final float[][] scores;

  private final int[] kept = new int[2];
  private final double[] rows = new double[2];

  /**
   * @param target whose rule names the metric
   * @param most rows that will be added
   */
  ThresholdChoice(MeasuredTarget target, int most) {
    this.target = target;
    block = new RowBlock(target);
    rule = target.decision();
    metric = new Decisions(target);
    Metric kind = Metric.of(Objects.requireNonNull(rule.best())).orElseThrow();
    spec = new MetricSpec.Standard(kind, kind.word(), null, MetricSpec.K);
    scores = new float[2][Math.min(most, 1024)];
  }

  void add(HostTensor outputs, HostTensor truths) {
    block.each(outputs, truths, _ -> addBlock());
  }

  private void addBlock() {
    for (int i = 0; i < block.positions; i++) {
      int own = block.label(i) == rule.positive() ? 1 : 0;
      float score = target.score(block, i);
      rows[own]++;
      if (!Float.isNaN(score)) {
        if (kept[own] == scores[own].length) {
          scores[own] = Arrays.copyOf(scores[own], Math.max(16, 2 * kept[own]));
        }
        scores[own][kept[own]++] = score;
      }
    }
  }

  /** The rule with the chosen threshold; without rows, the default. */
  Decision chosen() {
    float[] positives = sorted(1);
    float[] negatives = sorted(0);
    double best = Double.NEGATIVE_INFINITY;
    double middle = rule.threshold(target.output().scores());
    double chosen = middle;
    int hits = 0;
    int falseAlarms = 0;
    // From the largest score down: each row that is passed is decided positive.
    while (hits < positives.length || falseAlarms < negatives.length) {
      float score = largest(last(positives, hits), last(negatives, falseAlarms));
      while (last(positives, hits) == score) {
        hits++;
      }
      while (last(negatives, falseAlarms) == score) {
        falseAlarms++;
      }
      double value = metric.value(spec, hits, falseAlarms, rows[1], rows[0]);
      float below = largest(last(positives, hits), last(negatives, falseAlarms));
      float threshold = between(score, below);
      double distance = Math.abs(threshold - middle);
      if (value > best || (value == best && distance <= Math.abs(chosen - middle))) {
        best = value;
        chosen = threshold;
      }
    }
    return rule.choosing(chosen);
  }

  /**
   * A threshold in the middle of two scores, because a score that is computed again may differ in
   * its last bit; below the least score, as far as to 0 or to 1 less.
   *
   * @param below the next score; not a number when there is none
   */
  private float between(float score, float below) {
    boolean shares = target.output().scores().hasProbabilities();
    float lower = Float.isNaN(below) ? (shares ? 0 : score - 1) : below;
    float mean = (score + lower) / 2;
    return mean > lower ? mean : score;
  }

  private float[] sorted(int own) {
    float[] copy = Arrays.copyOf(scores[own], kept[own]);
    Arrays.sort(copy);
    return copy;
  }

  private static float largest(float a, float b) {
    return Float.isNaN(a) || b > a ? b : a;
  }

  /** The largest score behind those that were passed; not a number when there is none. */
  private static float last(float[] ascending, int passed) {
    int index = ascending.length - 1 - passed;
    return index < 0 ? Float.NaN : ascending[index];
  }
}
