package io.trainyard.dataset.encoding;

import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a network's outputs say of its targets: classes, probabilities, unscaled numbers. */
final class PredictionDecoder {
  private final Encoding encoding;

  PredictionDecoder(Encoding encoding) {
    this.encoding = encoding;
  }

  /** A target's deviations; null without variances, or where a target takes their member. */
  @Nullable HostTensor deviations(String target, Map<String, HostTensor> outputs) {
    TargetEncoding own = Objects.requireNonNull(encoding.targets().get(target));
    return encoding.targets().containsKey(Encoding.STD)
        ? null
        : encoding.deviations(target, output(own, outputs));
  }

  HostTensor predicted(TargetEncoding target, HostTensor output) {
    return switch (target) {
      case TargetEncoding.NumberTarget numbers -> numbers.encoding().means(output);
      case TargetEncoding.InputTarget input -> encoding.input(input.input()).means(output);
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          output;
    };
  }

  /** One number is no list. */
  static Shape raw(Shape row) {
    return row.equals(Shape.of(1)) ? Shape.SCALAR : row;
  }

  /** The probability of each class, of an output that has them. */
  static float[] shares(TargetEncoding.ClassTarget target, HostTensor output, long at, long width) {
    float[] shares = new float[target.classes().size()];
    if (width == 1 && shares.length == 2) {
      // A single unit is the probability of the second class.
      shares[1] = target.scores().answer(output.doubleAt(at));
      shares[0] = 1 - shares[1];
      if (target.calibration() != null) {
        target.calibration().correct(new double[] {output.doubleAt(at)}, target.scores(), shares);
        shares[0] = 1 - shares[1];
      }
      return shares;
    }
    if (width != shares.length) {
      throw new IllegalArgumentException(
          "output '"
              + target.output()
              + "' has "
              + width
              + " elements for "
              + shares.length
              + " classes");
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = (float) output.doubleAt(at + i);
    }
    target.scores().answer(shares, shares.length);
    if (target.calibration() != null) {
      double[] outputs = new double[shares.length];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = output.doubleAt(at + i);
      }
      target.calibration().correct(outputs, target.scores(), shares);
    }
    return shares;
  }

  /** The class that is answered: of two, by the target's rule; else the one of largest output. */
  static int decided(TargetEncoding.ClassTarget target, HostTensor output, long at, long width) {
    Decision decision = target.decision();
    if (target.calibration() != null) {
      float[] shares = shares(target, output, at, width);
      return width == 1 || decision.threshold() != null
          ? decision.of(shares[decision.positive()], Scores.PROBABILITY)
          : largest(shares);
    }
    if (width == 1 && target.isBinary()) {
      return decision.of(decision.score(output.doubleAt(at), target.scores()), target.scores());
    }
    if (decision.threshold() != null) {
      float score = shares(target, output, at, width)[decision.positive()];
      return decision.of(score, target.scores());
    }
    int best = 0;
    for (int i = 1; i < width; i++) {
      best = output.doubleAt(at + i) > output.doubleAt(at + best) ? i : best;
    }
    return best;
  }

  /** The probabilities in place of what the output says, in its shape. */
  static HostTensor calibrated(TargetEncoding.ClassTarget target, HostTensor output) {
    HostTensor answered = HostTensor.allocate(ElementType.FLOAT32, output.shape());
    int width = Math.toIntExact(output.shape().row().elements());
    for (long at = 0; at < output.shape().elements(); at += width) {
      float[] shares = shares(target, output, at, width);
      for (int i = 0; i < width; i++) {
        answered.setFloat(at + i, width == 1 ? shares[1] : shares[i]);
      }
    }
    return answered;
  }

  private static int largest(float[] shares) {
    int best = 0;
    for (int i = 1; i < shares.length; i++) {
      best = shares[i] > shares[best] ? i : best;
    }
    return best;
  }

  /** What the outputs say of one target, for all rows. */
  TargetEncoding.Decoded target(String name, Map<String, HostTensor> outputs, int rows) {
    TargetEncoding target = Objects.requireNonNull(encoding.targets().get(name));
    HostTensor output = output(target, outputs);
    if (!(target instanceof TargetEncoding.ClassTarget labels)) {
      return new TargetEncoding.Decoded.Numbers(
          encoding.inTargetUnits(target.output(), predicted(target, output)),
          encoding.deviations(name, output));
    }
    int classes = labels.classes().size();
    long width = output.shape().row().elements();
    List<String> likeliest = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      likeliest.add(labels.classes().get(decided(labels, output, row * width, width)));
    }
    if (!labels.scores().hasProbabilities()) {
      return new TargetEncoding.Decoded.Labels(likeliest, null, null);
    }
    Interval.Sets sets = labels.sets();
    HostTensor members =
        sets == null || sets.score() == null
            ? null
            : HostTensor.allocate(ElementType.BOOL, Shape.of(rows, classes));
    HostTensor probabilities = HostTensor.allocate(ElementType.FLOAT32, Shape.of(rows, classes));
    for (int row = 0; row < rows; row++) {
      float[] shares = shares(labels, output, row * width, width);
      for (int i = 0; i < classes; i++) {
        probabilities.setFloat((long) row * classes + i, shares[i]);
      }
      boolean[] set = members == null ? null : Objects.requireNonNull(sets).of(shares);
      for (int i = 0; set != null && members != null && i < classes; i++) {
        members.setByte((long) row * classes + i, (byte) (set[i] ? 1 : 0));
      }
    }
    return new TargetEncoding.Decoded.Labels(likeliest, probabilities, members);
  }

  static HostTensor output(TargetEncoding target, Map<String, HostTensor> outputs) {
    HostTensor output = outputs.get(target.output());
    if (output == null) {
      throw new IllegalArgumentException("the output '" + target.output() + "' was not computed");
    }
    return output;
  }

  /** One row with its channels where the column has them. */
  static HostTensor asInColumn(Transpose move, HostTensor output, long at) {
    int width = move.rows() * move.columns();
    HostTensor row = HostTensor.allocate(ElementType.FLOAT32, Shape.of(width));
    for (int i = 0; i < width; i++) {
      row.setFloat(i, (float) output.doubleAt(at + move.place(i)));
    }
    return row;
  }

  /** An output as the number that is answered. */
  static double answered(ColumnEncoding.Learned known, double y) {
    return known.predictsOutputs() ? (float) y : known.predicted(y);
  }
}
