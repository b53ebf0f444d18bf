package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** How a target is encoded for training and how its output is decoded. */
public sealed interface TargetEncoding {
  /** The network output it trains. */
  String output();

  /** Of the outputs that were computed, the one that it trains. */
  default HostTensor outputOf(Map<String, HostTensor> outputs) {
    HostTensor output = outputs.get(output());
    if (output == null) {
      throw new IllegalArgumentException("the output '" + output() + "' was not computed");
    }
    return output;
  }

  /** How its columns are encoded; null when it reads no column of its own. */
  default @Nullable InputEncoding values() {
    return switch (this) {
      case ClassTarget labels -> labels.encoding();
      case NumberTarget numbers -> numbers.encoding();
      case RawTarget raw -> raw.encoding();
      case InputTarget _, LayerTarget _ -> null;
    };
  }

  /**
   * A class: INT64 [rows], the index of the label.
   *
   * @param scores what the numbers of the output mean
   * @param decision of two classes
   * @param calibration corrects the probabilities; null: they are answered as they are
   * @param sets of likely classes; null: none are answered
   */
  record ClassTarget(
      String output,
      String column,
      ColumnType type,
      List<String> classes,
      Scores scores,
      Decision decision,
      @Nullable Calibration calibration,
      Interval.@Nullable Sets sets)
      implements TargetEncoding {
    public ClassTarget {
      classes = List.copyOf(classes);
      if (!decision.equals(Decision.DEFAULT) && classes.size() != 2) {
        throw new IllegalArgumentException("a threshold is for two classes, there are " + classes);
      }
      if (calibration instanceof Calibration.Isotonic(List<Calibration.Curve> curves, _, _)
          && curves.size() != classes.size()) {
        throw new IllegalArgumentException(
            "%d curves were given for the classes %s".formatted(curves.size(), classes));
      }
    }

    public ClassTarget(String output, String column, ColumnType type, List<String> classes) {
      this(output, column, type, classes, Scores.PROBABILITY, Decision.DEFAULT, null, null);
    }

    /** The same classes, of an output that means something else. */
    public ClassTarget with(Scores other) {
      return new ClassTarget(output, column, type, classes, other, decision, calibration, sets);
    }

    /** The same classes, as labels of another type. */
    ClassTarget with(ColumnType other) {
      return new ClassTarget(output, column, other, classes, scores, decision, calibration, sets);
    }

    /** The same classes, decided by another rule. */
    public ClassTarget decidedBy(Decision other) {
      return new ClassTarget(output, column, type, classes, scores, other, calibration, sets);
    }

    /** The same classes, as sure as was learned. */
    ClassTarget sure(@Nullable Calibration learned, Interval.@Nullable Sets learnedSets) {
      return new ClassTarget(output, column, type, classes, scores, decision, learned, learnedSets);
    }

    /**
     * The probability of each class, of an output that has them.
     *
     * @param row the output that has it, from {@code at} on
     * @param width its elements
     */
    public float[] shares(HostTensor row, long at, long width) {
      float[] shares = new float[classes.size()];
      if (width == 1 && isBinary()) {
        // A single unit is the probability of the second class.
        shares[1] = scores.answer(row.doubleAt(at));
        shares[0] = 1 - shares[1];
        if (calibration != null) {
          calibration.correct(new double[] {row.doubleAt(at)}, scores, shares);
          shares[0] = 1 - shares[1];
        }
        return shares;
      }
      if (width != shares.length) {
        throw new IllegalArgumentException(
            "output '%s' has %d elements for %d classes".formatted(output, width, shares.length));
      }
      for (int i = 0; i < shares.length; i++) {
        shares[i] = (float) row.doubleAt(at + i);
      }
      scores.answer(shares, shares.length);
      if (calibration != null) {
        double[] outputs = new double[shares.length];
        for (int i = 0; i < outputs.length; i++) {
          outputs[i] = row.doubleAt(at + i);
        }
        calibration.correct(outputs, scores, shares);
      }
      return shares;
    }

    /** The probabilities in place of what an output says, in its shape. */
    HostTensor calibrated(HostTensor tensor) {
      HostTensor answered = HostTensor.allocate(ElementType.FLOAT32, tensor.shape());
      int width = Math.toIntExact(tensor.shape().row().elements());
      for (long at = 0; at < tensor.shape().elements(); at += width) {
        float[] shares = shares(tensor, at, width);
        for (int i = 0; i < width; i++) {
          answered.setFloat(at + i, width == 1 ? shares[1] : shares[i]);
        }
      }
      return answered;
    }

    /** Whether one of two classes is decided. */
    public boolean isBinary() {
      return classes.size() == 2;
    }

    /**
     * The index of the class that is answered: of two, by the rule; else the one of the largest
     * output.
     *
     * @param row the output that has it, from {@code at} on
     * @param width its elements
     */
    public int decided(HostTensor row, long at, long width) {
      if (calibration != null) {
        float[] shares = shares(row, at, width);
        return width == 1 || decision.threshold() != null
            ? decision.of(shares[decision.positive()], Scores.PROBABILITY)
            : largest(shares.length, i -> shares[i]);
      }
      if (width == 1 && isBinary()) {
        return decision.of(decision.score(row.doubleAt(at), scores), scores);
      }
      return decision.threshold() != null
          ? decision.of(shares(row, at, width)[decision.positive()], scores)
          : largest((int) width, i -> row.doubleAt(at + i));
    }

    private static int largest(int count, IntToDoubleFunction of) {
      int best = 0;
      for (int i = 1; i < count; i++) {
        best = of.applyAsDouble(i) > of.applyAsDouble(best) ? i : best;
      }
      return best;
    }

    /** What an output says of all rows. */
    Decoded.Labels decoded(HostTensor tensor, int rows) {
      long width = tensor.shape().row().elements();
      int[] decided = new int[rows];
      List<String> labels = new ArrayList<>(rows);
      for (int row = 0; row < rows; row++) {
        decided[row] = decided(tensor, row * width, width);
        labels.add(classes.get(decided[row]));
      }
      if (!scores.hasProbabilities()) {
        return new Decoded.Labels(labels, null, null);
      }
      Shape shape = Shape.of(rows, classes.size());
      HostTensor members =
          sets == null || sets.score() == null
              ? null
              : HostTensor.allocate(ElementType.BOOL, shape);
      HostTensor probabilities = HostTensor.allocate(ElementType.FLOAT32, shape);
      for (int row = 0; row < rows; row++) {
        float[] shares = shares(tensor, row * width, width);
        boolean[] set = sets == null ? null : sets.of(shares, decided[row]);
        for (int i = 0; i < shares.length; i++) {
          long at = (long) row * shares.length + i;
          probabilities.setFloat(at, shares[i]);
          if (members != null && set != null) {
            members.setByte(at, (byte) (set[i] ? 1 : 0));
          }
        }
      }
      return new Decoded.Labels(labels, probabilities, members);
    }

    /** The rule as answers name it; null when there are not two classes. */
    Decision.@Nullable Named rule() {
      return isBinary() ? decision.named(classes, scores) : null;
    }

    /** One index for each row. */
    InputEncoding encoding() {
      return new InputEncoding(
          ElementType.INT64,
          Shape.SCALAR,
          List.of(
              new ColumnEncoding.Category(
                  column, type, classes, ColumnEncoding.Form.INDEX, Unknown.ERROR)));
    }
  }

  /**
   * Numbers: FLOAT32 [rows, ...shape]; one scalar column has the shape [1].
   *
   * @param interval around each number, or up to another target; null: none is answered
   */
  record NumberTarget(String output, InputEncoding encoding, @Nullable Interval interval)
      implements TargetEncoding {
    public NumberTarget(String output, InputEncoding encoding) {
      this(output, encoding, null);
    }

    /** Whether each row has one number of each column. */
    public boolean isOfScalars() {
      return encoding.window() == null && encoding.width() == encoding.columns().size();
    }

    public Shape shape() {
      return encoding.shape();
    }
  }

  /**
   * Numbers, FLOAT32 [rows, ...shape], that only the loss compares with the output: what is
   * predicted is the output as it is, whatever its shape.
   *
   * @param survival whether they are a time and an event, and the output is a log risk
   */
  record RawTarget(String output, InputEncoding encoding, boolean survival)
      implements TargetEncoding {}

  /** The encoded input itself, for an autoencoder. */
  record InputTarget(String output, String input) implements TargetEncoding {}

  /** Another layer's output. */
  record LayerTarget(String output, String layer) implements TargetEncoding {}

  /** What a network's outputs say of one target, for all rows. */
  sealed interface Decoded {
    /**
     * FLOAT32 [rows, ...] in the target's own units; one number is [rows, 1].
     *
     * @param std their standard deviations, for an output that has variances
     */
    record Numbers(HostTensor tensor, @Nullable HostTensor std) implements Decoded {}

    /**
     * The class that is answered for each row.
     *
     * @param probabilities FLOAT32 [rows, classes]; null when the output has none
     * @param members BOOL [rows, classes], true for a class of the set; null where there are no
     *     sets
     */
    record Labels(
        List<String> labels, @Nullable HostTensor probabilities, @Nullable HostTensor members)
        implements Decoded {
      public Labels {
        labels = List.copyOf(labels);
      }
    }
  }
}
