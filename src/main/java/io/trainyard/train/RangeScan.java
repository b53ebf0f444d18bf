package io.trainyard.train;

import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.LearningRateRange;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Steps with a growing rate through the batches of the training's first epochs. Ends early when the
 * smoothed loss is four times the lowest, or a loss is not finite. The session is of no use after
 * it: the training takes another one, so that nothing of the test remains.
 */
final class RangeScan {
  private static final double DIVERGED = 4;
  private static final String STORED = "learning_rates";

  private final TrainingSession session;
  private final ResidentSubset rows;
  private final TrainingSpec training;
  private final LearningRateRange range;
  private int from;
  private int epoch;
  private double mean;

  RangeScan(
      TrainingSession session,
      ResidentSubset rows,
      TrainingSpec training,
      LearningRateRange range) {
    this.session = session;
    this.rows = rows;
    this.training = training;
    this.range = range;
  }

  /**
   * Runs the test.
   *
   * @param goesOn asked before each step, which it gets, from 0
   * @return null when it was ended
   */
  @Nullable LearningRateCurve run(IntPredicate goesOn) {
    List<LearningRateCurve.Point> points = new ArrayList<>();
    double lowest = Double.POSITIVE_INFINITY;
    for (int step = 0; step < range.steps(); step++) {
      if (!goesOn.test(step)) {
        return null;
      }
      double loss = step(range.rate(step));
      if (!Double.isFinite(loss)) {
        break;
      }
      mean = LearningRateCurve.SMOOTHING * mean + (1 - LearningRateCurve.SMOOTHING) * loss;
      double smoothed = mean / (1 - Math.pow(LearningRateCurve.SMOOTHING, step + 1.0));
      points.add(new LearningRateCurve.Point(range.rate(step), smoothed));
      if (smoothed > DIVERGED * lowest && lowest > 0) {
        break;
      }
      lowest = Math.min(lowest, smoothed);
    }
    return LearningRateCurve.of(points);
  }

  /** Adds a curve to a checkpoint's tensors: an attempt that continues needs no other test. */
  static Map<String, HostTensor> addTo(Map<String, HostTensor> tensors, LearningRateCurve curve) {
    Map<String, HostTensor> all = new HashMap<>(tensors);
    double[] numbers =
        curve.points().stream()
            .flatMapToDouble(point -> DoubleStream.of(point.learningRate(), point.loss()))
            .toArray();
    all.put(STORED, HostTensor.ofDoubles(Shape.of(curve.points().size(), 2), numbers));
    return all;
  }

  /** The tensors without the curve, for another training. */
  static Map<String, HostTensor> without(Map<String, HostTensor> tensors) {
    Map<String, HostTensor> others = new HashMap<>(tensors);
    others.remove(STORED);
    return others;
  }

  /** The curve of a checkpoint's tensors; null when they have none. */
  static @Nullable LearningRateCurve in(Map<String, HostTensor> tensors) {
    HostTensor stored = tensors.get(STORED);
    if (stored == null) {
      return null;
    }
    List<LearningRateCurve.Point> points = new ArrayList<>();
    for (long i = 0; i < stored.shape().elements(); i += 2) {
      points.add(new LearningRateCurve.Point(stored.doubleAt(i), stored.doubleAt(i + 1)));
    }
    return LearningRateCurve.of(points);
  }

  /**
   * One step of the optimizer; the mean loss of its batches, by rows; NaN when it is not finite.
   */
  private double step(double rate) {
    double sum = 0;
    int counted = 0;
    boolean epochEnds = false;
    for (int i = 0; i < training.updates().accumulation() && !epochEnds; i++) {
      if (from == 0) {
        epoch++;
        session.beginEpoch(rows, 0, epoch, training.shuffle());
      }
      session.learnAt(rate);
      int count = Math.min(training.batchSize(), rows.rows() - from);
      double before = sum();
      if (!session.step(rows, from, count, null)) {
        return Double.NaN;
      }
      from += count;
      counted += count;
      sum += sum() - before;
      epochEnds = from == rows.rows();
    }
    from = epochEnds ? 0 : from;
    return sum / counted;
  }

  /** Of the losses of the epoch's rows so far. */
  private double sum() {
    return from == 0 ? 0 : session.losses().means()[0] * from;
  }
}
