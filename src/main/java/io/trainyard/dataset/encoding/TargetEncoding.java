package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a target is encoded for training and how its output is decoded. */
public sealed interface TargetEncoding {
  /** The network output it trains. */
  String output();

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

    public ClassTarget(
        String output,
        String column,
        ColumnType type,
        List<String> classes,
        Scores scores,
        Decision decision) {
      this(output, column, type, classes, scores, decision, null, null);
    }

    public ClassTarget(String output, String column, ColumnType type, List<String> classes) {
      this(output, column, type, classes, Scores.PROBABILITY, Decision.DEFAULT);
    }

    ClassTarget with(Scores other) {
      return new ClassTarget(output, column, type, classes, other, decision, calibration, sets);
    }

    /** The same classes, decided by another rule. */
    ClassTarget decidedBy(Decision other) {
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
      return PredictionDecoder.shares(this, row, at, width);
    }

    /** Whether one of two classes is decided. */
    public boolean isBinary() {
      return classes.size() == 2;
    }

    /**
     * The index of the class that is answered.
     *
     * @param row the output that has it, from {@code at} on
     * @param width its elements
     */
    public int decided(HostTensor row, long at, long width) {
      return PredictionDecoder.decided(this, row, at, width);
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
     * The likeliest class of each row.
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
