package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Calibration;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.engine.Objective;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Scores;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A target with the metrics that are measured of it.
 *
 * @param prefix put before the names of the metrics
 * @param units the size of one encoded unit in the target's units; repeats along a row's elements
 * @param offsets what an encoded 0 is in the target's units; repeats likewise
 * @param ranges what predictions are held within, in the target's units; repeats likewise
 * @param decision how one of two classes is decided
 * @param calibrated how its probabilities are corrected; null: they are what the output says
 * @param interval of its numbers, or the sets of its classes; null: none
 */
@SuppressWarnings("ArrayRecordComponent")
public record MeasuredTarget(
    String target,
    MeasuredOutput output,
    List<MetricSpec> metrics,
    String prefix,
    double[] units,
    double[] offsets,
    List<ColumnEncoding.Range> ranges,
    Decision decision,
    @Nullable Calibrated calibrated,
    @Nullable Interval interval) {
  public MeasuredTarget {
    metrics = List.copyOf(metrics);
    ranges = List.copyOf(ranges);
  }

  /**
   * A correction of probabilities.
   *
   * @param scores what the output's numbers mean before it
   */
  record Calibrated(Calibration calibration, Scores scores) {}

  /** What a plan measures of each objective, in their order. */
  public static List<MeasuredTarget> of(TrainingPlan plan, Encoding encoding) {
    List<Objective> objectives = plan.objectives();
    return objectives.stream()
        .map(objective -> of(plan, encoding, objective, objectives.size()))
        .toList();
  }

  private static MeasuredTarget of(
      TrainingPlan plan, Encoding encoding, Objective objective, int targets) {
    String target = objective.target();
    MeasuredOutput output =
        MeasuredOutput.of(
            objective.loss(),
            encoding.targets().get(target) instanceof TargetEncoding.ClassTarget,
            plan.shapes().of(objective.output()),
            plan.network().computing(objective.output()).spec().activation().function());
    TargetEncoding known = encoding.targets().get(target);
    MeasuredTarget measured =
        new MeasuredTarget(
            target,
            output,
            plan.training().metrics(target, output),
            MetricSpec.prefix(target, targets),
            encoding.units(target),
            encoding.offsets(target),
            encoding.ranges(target),
            known instanceof TargetEncoding.ClassTarget labels
                ? labels.decision()
                : Decision.DEFAULT,
            null,
            null);
    return switch (known) {
      case TargetEncoding.ClassTarget labels -> measured.sure(labels.calibration(), labels.sets());
      case TargetEncoding.NumberTarget numbers -> measured.sure(null, numbers.interval());
      case null, default -> measured;
    };
  }

  /** The same with some of its metrics. */
  MeasuredTarget measuring(List<MetricSpec> some) {
    return new MeasuredTarget(
        target, output, some, prefix, units, offsets, ranges, decision, calibrated, interval);
  }

  /** The same, decided by another rule. */
  public MeasuredTarget decidedBy(Decision other) {
    return new MeasuredTarget(
        target, output, metrics, prefix, units, offsets, ranges, other, calibrated, interval);
  }

  /** The same, as sure as was learned. */
  public MeasuredTarget sure(@Nullable Calibration learned, @Nullable Interval own) {
    Calibrated corrected = learned == null ? calibrated : new Calibrated(learned, output.scores());
    return new MeasuredTarget(
        target,
        corrected == null ? output : output.ofProbabilities(),
        metrics,
        prefix,
        units,
        offsets,
        ranges,
        decision,
        corrected,
        own);
  }

  /** The same for probabilities that need no correction, without intervals. */
  MeasuredTarget unsure() {
    return new MeasuredTarget(
        target, output, metrics, prefix, units, offsets, ranges, decision, null, null);
  }

  /** The same without the metrics of intervals, which are learned when a training ends. */
  public MeasuredTarget withoutIntervals() {
    return measuring(metrics.stream().filter(metric -> !metric.isOfIntervals()).toList());
  }

  /** What an epoch measures: without what is learned at the end, at the default threshold. */
  public MeasuredTarget duringEpochs() {
    return withoutIntervals().decidedBy(decision.at(null));
  }

  /**
   * The rule as answers name it.
   *
   * @return null where there are not two classes
   */
  public Decision.@Nullable Named rule(List<String> classes) {
    return output.classes() && classes.size() == 2
        ? decision.named(classes, output.scores())
        : null;
  }

  /** The score of the positive one of two classes, as it is answered. */
  float score(RowBlock block, int position) {
    return block.width == 1
        ? decision.score(block.outputs[position], output.scores())
        : (float) block.probabilities()[position * block.width + decision.positive()];
  }

  /** The class that is decided for a position of a block: what the decoder answers. */
  int decided(RowBlock block, int position) {
    return block.width == 1 || decision.threshold() != null
        ? decision.of(score(block, position), output.scores())
        : block.decision(position);
  }

  /** All metrics by the names of their values, without the part of the data. */
  public static Map<String, MetricSpec> named(List<MeasuredTarget> targets) {
    Map<String, MetricSpec> named = new LinkedHashMap<>();
    for (MeasuredTarget target : targets) {
      target.metrics().forEach(metric -> named.put(target.prefix() + metric.name(), metric));
    }
    return named;
  }

  /**
   * Makes the outputs of a block what is answered: probabilities are corrected, predictions held
   * within their range.
   */
  void hold(RowBlock block) {
    if (calibrated != null) {
      correct(block, calibrated);
      return;
    }
    if (ranges.stream().allMatch(ColumnEncoding.Range.ALL::equals)) {
      return;
    }
    for (int i = 0; i < block.rows * block.rowElements; i++) {
      int element = i % block.rowElements;
      double free = block.outputs[i] * unit(element) + offset(element);
      double held = ranges.get(element % ranges.size()).hold(free);
      // What is within its range keeps all its digits.
      if (held != free && unit(element) != 0) {
        block.outputs[i] = (held - offset(element)) / unit(element);
      }
    }
  }

  private static void correct(RowBlock block, Calibrated calibrated) {
    int width = block.width;
    for (int i = 0; i < block.positions; i++) {
      double[] outputs = Arrays.copyOfRange(block.outputs, i * width, (i + 1) * width);
      float[] shares = shares(outputs, calibrated.scores(), calibrated.calibration());
      for (int k = 0; k < width; k++) {
        block.outputs[i * width + k] = width == 1 ? shares[1] : shares[k];
      }
    }
  }

  /** The probabilities of the classes of one position, as they are answered. */
  static float[] shares(double[] outputs, Scores scores, @Nullable Calibration calibration) {
    float[] shares = new float[Math.max(2, outputs.length)];
    if (outputs.length == 1) {
      shares[1] = scores.answer(outputs[0]);
      shares[0] = 1 - shares[1];
    } else {
      for (int k = 0; k < outputs.length; k++) {
        shares[k] = (float) outputs[k];
      }
      scores.answer(shares, outputs.length);
    }
    if (calibration != null) {
      calibration.correct(outputs, scores, shares);
      shares[0] = outputs.length == 1 ? 1 - shares[1] : shares[0];
    }
    return shares;
  }

  double unit(long element) {
    return units[(int) (element % units.length)];
  }

  double offset(long element) {
    return offsets[(int) (element % offsets.length)];
  }
}
