package io.trainyard.train.metric;

import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The metrics of one target. Only the sums that they need are kept. */
final class TargetMetrics {
  private final MeasuredTarget target;
  private final RowBlock block;
  private final @Nullable QuantilePair pair;
  private final Map<String, MetricPart> parts = new LinkedHashMap<>();
  private final Map<MetricSpec, MetricPart> partOf = new HashMap<>();

  /**
   * @param rows that will be added at most
   */
  TargetMetrics(MeasuredTarget target, int rows) {
    this(target, rows, null);
  }

  /**
   * As {@link #TargetMetrics(MeasuredTarget, int)}.
   *
   * @param pair that it is one of; null: of none
   */
  TargetMetrics(MeasuredTarget target, int rows, @Nullable QuantilePair pair) {
    this.target = target;
    this.pair = pair;
    block = new RowBlock(target);
    for (MetricSpec metric : target.metrics()) {
      MetricPart part = part(metric, rows);
      MetricPart known = parts.putIfAbsent(part.name(), part);
      partOf.put(metric, known == null ? part : known);
    }
    if (pair != null) {
      // The other target of the pair may be the one that is measured.
      IntervalMetrics part = new IntervalMetrics(target, pair);
      parts.putIfAbsent(part.name(), part);
    }
  }

  private MetricPart part(MetricSpec metric, int rows) {
    return switch (metric) {
      case MetricSpec.Formula formula -> new FormulaMean(formula, target);
      case MetricSpec.Standard(Metric kind, String name, _, int k) ->
          switch (kind) {
            case ACCURACY, BALANCED_ACCURACY, PRECISION, RECALL, F1, MCC -> new Decisions(target);
            case TOP_K_ACCURACY -> new TopK(name, k);
            case AUC, PR_AUC -> new RankedScores(target, rows);
            case LOG_LOSS -> new LogLoss(target.output());
            case BRIER -> new Brier(target.output());
            case ECE -> new ReliabilityBins(target.output());
            case COVERAGE, INTERVAL_WIDTH -> new IntervalMetrics(target, pair);
            case MSE, RMSE, MAE, MAPE -> new NumberErrors(target);
            case R2 -> new Variation();
            case CONCORDANCE -> new Concordance();
          };
    };
  }

  void clear() {
    parts.values().forEach(MetricPart::clear);
  }

  void add(HostTensor output, HostTensor truth) {
    if (parts.isEmpty()) {
      return;
    }
    block.each(output, truth, _ -> parts.values().forEach(part -> part.add(block)));
  }

  void putInto(MeasuredValues values, String prefix) {
    for (MetricSpec metric : target.metrics()) {
      MetricPart part = Objects.requireNonNull(partOf.get(metric));
      double value = part.value(metric);
      String name = prefix + target.prefix() + metric.name();
      if (Double.isNaN(value)) {
        values.putUndefined(name, part.whyUndefined(metric));
      } else {
        values.put(name, value);
      }
    }
  }

  Map<String, HostTensor> state() {
    Map<String, HostTensor> state = new LinkedHashMap<>();
    parts.forEach(
        (name, part) -> part.state().forEach((key, sums) -> state.put(name + "/" + key, sums)));
    return state;
  }

  void restore(Map<String, HostTensor> stored) {
    parts.forEach((name, part) -> part.restore(HostTensor.below(name + "/", stored)));
  }
}
