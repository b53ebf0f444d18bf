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
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Collects the evaluation of one part of the data. What it keeps is bounded, however many rows
 * there are: counts, some scores and points, and the worst rows.
 */
public final class PartEvaluation implements BatchObserver {
  /** The scores that a target keeps at most. */
  static final int MAX_NUMBERS = 1 << 20;

  private final Map<String, TargetSums> sums = new LinkedHashMap<>();
  private final Map<String, MeasuredTarget> measured = new LinkedHashMap<>();
  private final Map<String, RowBlock> blocks = new LinkedHashMap<>();
  private final Map<String, Integer> rows = new LinkedHashMap<>();
  private final Map<String, IntervalSums> intervals = new LinkedHashMap<>();
  private final Map<String, QuantilePair> pairs;
  private WorstRows worst = new WorstRows();
  private final String firstTarget;
  private int all;

  /**
   * @param labels of the classes, by target
   * @param rows of the part
   */
  public PartEvaluation(List<MeasuredTarget> targets, Map<String, List<String>> labels, int rows) {
    firstTarget = targets.getFirst().target();
    pairs = QuantilePair.of(targets);
    for (MeasuredTarget target : targets) {
      MeasuredOutput output = target.output();
      String name = target.target();
      measured.put(name, target);
      blocks.put(name, new RowBlock(output));
      Interval interval = target.interval();
      if (interval instanceof Interval.Between between) {
        QuantilePair pair = pairs.get(name);
        if (pair != null) {
          intervals.put(between.name(), pair.sums());
        }
      } else if (interval != null) {
        intervals.put(name, new IntervalSums(interval));
      }
      boolean decides = output.decides() && !output.hasSeparateLabels();
      sums.put(
          name,
          output.isSurvival()
              ? new SurvivalSums()
              : decides
                  ? new ClassSums(target, labels.getOrDefault(name, List.of()), rows)
                  : new NumberSums(target, rows));
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

  /** Adds a batch of one target. */
  public void add(String target, HostTensor output, HostTensor truth) {
    TargetSums own = sums.get(target);
    RowBlock block = blocks.get(target);
    if (own == null || block == null) {
      throw new IllegalArgumentException("'" + target + "' is not a target of this model");
    }
    int count = output.shape().dims().getFirst();
    all += target.equals(firstTarget) ? count : 0;
    if (!(own instanceof SurvivalSums) && !isComparable(output, truth, block.width)) {
      return;
    }
    int first = rows.getOrDefault(target, 0);
    rows.put(target, first + count);
    int atOnce = RowBlock.rowsAtOnce(Math.toIntExact(output.shape().elements() / count));
    for (int from = 0; from < count; from += atOnce) {
      block.load(output, truth, from, Math.min(atOnce, count - from));
      MeasuredTarget known = Objects.requireNonNull(measured.get(target));
      known.hold(block);
      own.add(block, first + from);
      QuantilePair pair = pairs.get(target);
      IntervalSums held = intervals.get(target);
      if (pair != null) {
        pair.add(known, block, first + from);
      } else if (held != null) {
        held.add(known, block, first + from);
      }
    }
  }

  /**
   * Whether the target has a label or the same numbers; the loss of an expression needs neither.
   */
  private static boolean isComparable(HostTensor output, HostTensor truth, int width) {
    long elements = output.shape().elements();
    long given = truth.shape().elements();
    return given == elements || (truth.type() == ElementType.INT64 && given == elements / width);
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
   * @param measured of the part, by name
   */
  public Evaluation of(
      PreparedData.Part part, UnaryOperator<int[]> numbering, MeasuredValues measured) {
    Map<String, ClassReport> classes = new LinkedHashMap<>();
    Map<String, NumberReport> numbers = new LinkedHashMap<>();
    sums.forEach(
        (target, own) -> {
          switch (own) {
            case ClassSums labels ->
                labels.report().ifPresent(report -> classes.put(target, report));
            case NumberSums errors ->
                errors.report(numbering).ifPresent(report -> numbers.put(target, report));
            // Its numbers are the metrics; no loss of a row was known before all were there.
            case SurvivalSums survival -> {
              if (sums.size() == 1) {
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
    return new Evaluation(part, all, measured, classes, numbers, sure, worst.list(numbering));
  }
}
