package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.engine.Objective;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.MetricSpec;
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
    Decision decision) {
  public MeasuredTarget {
    metrics = List.copyOf(metrics);
    ranges = List.copyOf(ranges);
  }

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
    return new MeasuredTarget(
        target,
        output,
        plan.training().metrics(target, output),
        MetricSpec.prefix(target, targets),
        encoding.units(target),
        encoding.offsets(target),
        encoding.ranges(target),
        encoding.targets().get(target) instanceof TargetEncoding.ClassTarget labels
            ? labels.decision()
            : Decision.DEFAULT);
  }

  /** The same with some of its metrics. */
  MeasuredTarget measuring(List<MetricSpec> some) {
    return new MeasuredTarget(target, output, some, prefix, units, offsets, ranges, decision);
  }

  /** The same, decided by another rule. */
  public MeasuredTarget decidedBy(Decision other) {
    return new MeasuredTarget(target, output, metrics, prefix, units, offsets, ranges, other);
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

  /** Puts outputs in place whose predictions are held within a range, as they are answered. */
  void hold(RowBlock block) {
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

  double unit(long element) {
    return units[(int) (element % units.length)];
  }

  double offset(long element) {
    return offsets[(int) (element % offsets.length)];
  }
}
