package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Collects the evaluation of one part of the data. What it keeps is bounded, however many rows
 * there are: counts, some scores and points, and the worst rows.
 */
public final class PartEvaluation implements BatchObserver {
  /** The scores that a target keeps at most. */
  static final int MAX_NUMBERS = 1 << 20;

  private final PartMetrics metrics;
  private final List<MeasuredTarget> measuredTargets;
  private final Map<String, List<String>> labels;
  private final Map<String, Kept> targets = new LinkedHashMap<>();
  private final Map<String, IntervalSums> intervals = new LinkedHashMap<>();
  private final String firstTarget;
  private WorstRows worst = new WorstRows();
  private int all;

  /**
   * @param labels of the classes, by target
   * @param rows of the part
   */
  public PartEvaluation(List<MeasuredTarget> targets, Map<String, List<String>> labels, int rows) {
    metrics = new PartMetrics(targets, rows);
    measuredTargets = List.copyOf(targets);
    this.labels = Map.copyOf(labels);
    firstTarget = targets.getFirst().target();
    Map<String, QuantilePair> pairs = QuantilePair.of(targets);
    for (MeasuredTarget target : targets) {
      String name = target.target();
      QuantilePair pair = pairs.get(name);
      Interval interval = target.interval();
      IntervalSums held = null;
      if (interval instanceof Interval.Between between && pair != null) {
        intervals.put(between.name(), pair.sums());
      } else if (interval != null && !(interval instanceof Interval.Between)) {
        held = new IntervalSums(interval);
        intervals.put(name, held);
      }
      List<String> known = labels.getOrDefault(name, List.of());
      this.targets.put(name, new Kept(target, known, rows, pair, held));
    }
  }

  /** What is kept of one target. */
  private static final class Kept {
    private final MeasuredTarget target;
    private final RowBlock block;
    private final TargetSums sums;
    private final @Nullable QuantilePair pair;
    private final @Nullable IntervalSums intervals;
    private int rows;

    Kept(
        MeasuredTarget target,
        List<String> labels,
        int rows,
        @Nullable QuantilePair pair,
        @Nullable IntervalSums intervals) {
      this.target = target;
      this.pair = pair;
      this.intervals = intervals;
      block = new RowBlock(target);
      MeasuredOutput output = target.output();
      boolean decides = output.decides() && !output.hasSeparateLabels();
      sums =
          output.isSurvival()
              ? new SurvivalSums()
              : decides ? new ClassSums(target, labels, rows) : new NumberSums(target, rows);
    }

    void add(HostTensor output, HostTensor truth) {
      if (!(sums instanceof SurvivalSums) && !isComparable(output, truth, block.width)) {
        return;
      }
      int first = rows;
      rows += output.shape().dims().getFirst();
      block.each(
          output,
          truth,
          from -> {
            sums.add(block, first + from);
            if (pair != null) {
              pair.add(target, block, first + from);
            } else if (intervals != null) {
              intervals.add(target, block, first + from);
            }
          });
    }

    /**
     * Whether the target has a label or the same numbers; the loss of an expression needs neither.
     */
    private static boolean isComparable(HostTensor output, HostTensor truth, int width) {
      long elements = output.shape().elements();
      long given = truth.shape().elements();
      return given == elements || (truth.type() == ElementType.INT64 && given == elements / width);
    }
  }

  /** The bytes that the scores and points of a target need, for outputs of this width. */
  public static long bytes(long rows, long elements) {
    long kept = Math.min(MAX_NUMBERS, Bytes.multiply(rows, Math.max(1, elements)));
    // The scores, the truths, and one curve's scores while they are sorted.
    return kept * (2 * Float.BYTES + Integer.BYTES + Long.BYTES + 1);
  }

  /** The labels of every target with classes; the columns of one that is several numbers. */
  public static Map<String, List<String>> labels(Encoding encoding) {
    Map<String, List<String>> labels = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (target instanceof TargetEncoding.ClassTarget classes) {
                labels.put(name, classes.classes());
              } else if (target instanceof TargetEncoding.NumberTarget numbers
                  && numbers.encoding().columns().size() > 1) {
                labels.put(name, List.copyOf(numbers.encoding().columnNames()));
              }
            });
    return labels;
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    add(objective.target(), output, target);
  }

  /** Adds a batch of one target, to its metrics too. */
  public void add(String target, HostTensor output, HostTensor truth) {
    Kept kept = targets.get(target);
    if (kept == null) {
      throw new IllegalArgumentException("'" + target + "' is not a target of this model");
    }
    metrics.add(target, output, truth);
    all += target.equals(firstTarget) ? output.shape().dims().getFirst() : 0;
    kept.add(output, truth);
  }

  @Override
  public boolean wantsRowLosses() {
    return true;
  }

  @Override
  public void rowLosses(HostTensor losses) {
    worst.add(losses);
  }

  /**
   * The evaluation of all that was added.
   *
   * @param numbering gives rows of the part their numbers in the dataset
   * @param measured the losses of the part, by name; the metrics are added
   * @param hasLosses whether the rows had losses of a training, not errors of another kind
   */
  public Evaluation of(
      PreparedData.Part part,
      UnaryOperator<int[]> numbering,
      MeasuredValues measured,
      boolean hasLosses) {
    metrics.putInto(measured, "");
    Map<String, ClassReport> classes = new LinkedHashMap<>();
    Map<String, NumberReport> numbers = new LinkedHashMap<>();
    targets.forEach(
        (target, own) -> {
          switch (own.sums) {
            case ClassSums labels ->
                labels.report().ifPresent(report -> classes.put(target, report));
            case NumberSums errors ->
                errors.report(numbering).ifPresent(report -> numbers.put(target, report));
            // Its numbers are the metrics; no loss of a row was known before all were there.
            case SurvivalSums survival -> {
              if (targets.size() == 1) {
                worst = survival.worst();
              }
            }
          }
        });
    Map<String, IntervalReport> sure = new LinkedHashMap<>();
    intervals.forEach(
        (name, own) -> {
          IntervalReport report = own.report(numbering);
          if (report != null) {
            sure.put(name, report);
          }
        });
    return new Evaluation(
        part,
        all,
        measured,
        MeasuredForm.of(measuredTargets, labels, part.word(), all),
        classes,
        numbers,
        sure,
        worst.list(numbering),
        hasLosses);
  }
}
