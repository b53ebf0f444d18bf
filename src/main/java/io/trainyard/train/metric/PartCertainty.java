package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.Calibration;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Objective;
import io.trainyard.spec.training.Certainty;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Learns on the rows of a part how sure predictions are: collects what the network says of them,
 * then calibrates probabilities and takes the quantiles of the scores.
 */
public final class PartCertainty implements BatchObserver {
  private final Certainty asked;
  private final long seed;
  private final Map<String, Collected> collected = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * @param encoding of the targets, whose intervals are not learned yet
   * @param rows of the part
   * @param seed decides which rows calibrate
   */
  public PartCertainty(
      Certainty asked, List<MeasuredTarget> targets, Encoding encoding, int rows, long seed) {
    this.asked = asked;
    this.seed = seed;
    for (MeasuredTarget target : targets) {
      if (rows > 0 && suits(target, encoding.targets().get(target.target()))) {
        List<String> columns =
            encoding.targets().get(target.target())
                    instanceof TargetEncoding.NumberTarget(_, var numbers, _)
                ? List.copyOf(numbers.columnNames())
                : List.of();
        collected.put(target.target(), new Collected(target, columns, rows));
      }
    }
  }

  private boolean suits(MeasuredTarget target, @Nullable TargetEncoding encoding) {
    return switch (encoding) {
      case TargetEncoding.ClassTarget _ ->
          target.output().mayBeCalibrated()
              && (asked.calibration() != Certainty.Method.NONE || asked.intervals() != null);
      case TargetEncoding.NumberTarget numbers ->
          asked.intervals() != null
              && numbers.isOfScalars()
              && target.output().mayHaveIntervals()
              && numbers.encoding().width() == target.output().row().elements();
      case null, default -> false;
    };
  }

  /** The bytes that the outputs of a target need, and what is computed of them. */
  public static long bytes(long rows, long elements) {
    long kept = Math.min(PartEvaluation.MAX_NUMBERS, Bytes.multiply(rows, Math.max(1, elements)));
    return kept * 4 * Double.BYTES;
  }

  /** Whether there is nothing to learn. */
  public boolean isEmpty() {
    return collected.isEmpty();
  }

  @Override
  public void batch(Objective objective, HostTensor output, HostTensor target) {
    add(objective.target(), output, target);
  }

  /** Adds a batch of one target. */
  void add(String target, HostTensor output, HostTensor truth) {
    Collected own = collected.get(target);
    if (own != null) {
      own.add(output, truth);
    }
  }

  /** What some targets cannot be told, and why; after {@link #learned}. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** What was learned. */
  public FittedCertainty learned() {
    Map<String, Calibration> calibrations = new LinkedHashMap<>();
    Map<String, Interval> intervals = new LinkedHashMap<>();
    List<String> from = asked.intervals() == null ? List.of() : asked.intervals().from();
    String paired = null;
    if (from.size() == 2 && collected.keySet().containsAll(from)) {
      Collected low = Objects.requireNonNull(collected.get(from.getFirst()));
      Collected high = Objects.requireNonNull(collected.get(from.getLast()));
      paired = low.column(0);
      intervals.put(from.getFirst(), between(low, high));
    }
    for (Map.Entry<String, Collected> each : collected.entrySet()) {
      Collected own = each.getValue();
      if (own.target.output().classes()) {
        learnClasses(each.getKey(), own, calibrations, intervals);
      } else if (paired == null || own.columns.size() > 1 || !paired.equals(own.column(0))) {
        intervals.put(each.getKey(), around(own));
      }
    }
    return new FittedCertainty(calibrations, intervals);
  }

  private void learnClasses(
      String name,
      Collected own,
      Map<String, Calibration> calibrations,
      Map<String, Interval> intervals) {
    boolean calibrates = asked.calibration() != Certainty.Method.NONE;
    boolean halves = calibrates && asked.intervals() != null && own.kept >= Certainty.HALVED_ROWS;
    boolean assumed = calibrates && asked.intervals() != null && !halves;
    int[] order = halves ? shuffled(own.kept) : own.all();
    int first = halves ? own.kept / 2 : own.kept;
    Calibration calibration = null;
    if (calibrates) {
      calibration = own.calibration(asked.calibration(), part(order, 0, first), assumed);
      if (calibration == null) {
        notes.add(
            "The probabilities of '%s' are answered as they are: all %d validation rows are right, so no temperature is the best. More validation rows would tell"
                .formatted(name, first));
      } else {
        calibrations.put(name, calibration);
      }
    }
    if (asked.intervals() != null) {
      int[] rest = halves ? part(order, first, own.kept) : order;
      double[] scores = own.setScores(calibration, rest);
      Double score = Interval.quantile(scores, asked.intervals().coverage());
      noteTooFew(name, scores.length, score == null);
      intervals.put(
          name,
          new Interval.Sets(
              asked.intervals().coverage(), scores.length, score, assumed && calibration != null));
    }
  }

  private Interval around(Collected own) {
    double coverage = Objects.requireNonNull(asked.intervals()).coverage();
    List<Double> halfWidths = new ArrayList<>();
    int width = own.columns.size();
    for (int column = 0; column < width; column++) {
      double[] scores = new double[own.kept];
      for (int row = 0; row < own.kept; row++) {
        int at = row * width + column;
        scores[row] = IntervalSums.error(own.target, column, own.truths[at], own.outputs[at]);
      }
      Double half = Interval.quantile(scores, coverage);
      if (half != null) {
        halfWidths.add(half);
      }
    }
    boolean known = halfWidths.size() == width;
    noteTooFew(own.target.target(), own.kept, !known);
    return new Interval.Around(coverage, own.kept, known ? halfWidths : null);
  }

  private Interval between(Collected low, Collected high) {
    double coverage = Objects.requireNonNull(asked.intervals()).coverage();
    double[] scores = new double[low.kept];
    for (int row = 0; row < scores.length; row++) {
      scores[row] =
          Math.max(
              QuantilePair.outside(low.target, true, low.truths[row], low.outputs[row]),
              QuantilePair.outside(high.target, false, high.truths[row], high.outputs[row]));
    }
    Double margin = Interval.quantile(scores, coverage);
    noteTooFew(low.column(0), low.kept, margin == null);
    return new Interval.Between(coverage, low.kept, low.column(0), high.target.target(), margin);
  }

  private void noteTooFew(String name, int rows, boolean without) {
    double coverage = Objects.requireNonNull(asked.intervals()).coverage();
    if (without) {
      notes.add(
          "'%s' has no interval: %d validation rows give no coverage of %s, which needs at least %d rows with finite predictions"
              .formatted(name, rows, coverage, Interval.leastRows(coverage)));
    }
  }

  private int[] shuffled(int count) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static int[] part(int[] order, int from, int to) {
    return Arrays.copyOfRange(order, from, to);
  }

  /** What the network says of the rows of one target, before anything is corrected. */
  private static final class Collected {
    private final MeasuredTarget target;
    private final RowBlock block;
    private final int width;

    /** Of numbers, their columns. */
    private final List<String> columns;

    /** One of this many rows is kept. */
    private final int every;

    private final double[] outputs;

    /** The index of each row's class, or its numbers. */
    private final double[] truths;

    private int seen;
    private int kept;

    Collected(MeasuredTarget target, List<String> columns, int rows) {
      this.target = target;
      this.columns = columns;
      block = new RowBlock(target);
      width = Math.toIntExact(Math.max(1, target.output().row().elements()));
      every =
          Math.max(
              1,
              (int)
                  (((long) rows * width + PartEvaluation.MAX_NUMBERS - 1)
                      / PartEvaluation.MAX_NUMBERS));
      int most = (rows + every - 1) / every;
      outputs = new double[most * width];
      truths = new double[target.output().classes() ? most : most * width];
    }

    String column(int index) {
      return columns.get(index);
    }

    void add(HostTensor output, HostTensor truth) {
      block.each(
          output,
          truth,
          _ -> {
            for (int i = 0; i < block.rows; i++) {
              if (seen++ % every == 0) {
                keep(i);
              }
            }
          });
    }

    private void keep(int row) {
      System.arraycopy(block.outputs, row * width, outputs, kept * width, width);
      if (target.output().classes()) {
        truths[kept] = block.label(row);
      } else {
        System.arraycopy(block.truths(), row * width, truths, kept * width, width);
      }
      kept++;
    }

    int[] all() {
      int[] all = new int[kept];
      Arrays.setAll(all, i -> i);
      return all;
    }

    /** Null where the rows tell no temperature. */
    @Nullable Calibration calibration(Certainty.Method method, int[] rows, boolean assumed) {
      if (method == Certainty.Method.TEMPERATURE) {
        double[][] logits = new double[rows.length][];
        int[] labels = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
          logits[i] = Calibration.logits(outputs(rows[i]), target.output().scores());
          labels[i] = (int) truths[rows[i]];
        }
        double temperature = new TemperatureFit(logits, labels).temperature();
        return Double.isNaN(temperature)
            ? null
            : new Calibration.Temperature(temperature, rows.length, assumed);
      }
      List<Calibration.Curve> curves = new ArrayList<>();
      for (int label = 0; label < Math.max(2, width); label++) {
        double[] p = new double[rows.length];
        boolean[] yes = new boolean[rows.length];
        for (int i = 0; i < rows.length; i++) {
          p[i] = shares(rows[i], null)[label];
          yes[i] = truths[rows[i]] == label;
        }
        curves.add(IsotonicFit.of(p, yes));
      }
      return new Calibration.Isotonic(curves, rows.length, assumed);
    }

    /** The score of each row's true class. */
    double[] setScores(@Nullable Calibration calibration, int[] rows) {
      double[] scores = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        float[] shares = shares(rows[i], calibration);
        scores[i] = Interval.Sets.score(shares[(int) truths[rows[i]]]);
      }
      return scores;
    }

    private float[] shares(int row, @Nullable Calibration calibration) {
      return MeasuredTarget.shares(outputs(row), target.output().scores(), calibration);
    }

    private double[] outputs(int row) {
      return Arrays.copyOfRange(outputs, row * width, (row + 1) * width);
    }
  }
}
