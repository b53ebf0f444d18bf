package io.trainyard.inspect.evaluation;

import io.trainyard.tensor.HostTensor;
import io.trainyard.train.VersionMeasurement;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredRows;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is computed of a version on some rows, whether its training is known or not. */
interface Measurement {
  /** The inputs of some consecutive rows. */
  @FunctionalInterface
  interface Batches {
    Map<String, HostTensor> batch(int from, int count);
  }

  /** The evaluation of all rows. */
  Evaluation report();

  /**
   * The outputs of all rows.
   *
   * @param mostBytes that they may take
   */
  MeasuredRows rows(long mostBytes);

  /** What {@link #loss} is called in answers. */
  String lossName();

  /**
   * Why {@link #loss} has no row weights, though the training has; null where nothing is to say.
   */
  default @Nullable String whyUnweighted() {
    return null;
  }

  /** The loss of the rows with these inputs. */
  double loss(Batches inputs);

  /**
   * With the losses of the training.
   *
   * @param rows how many there are
   */
  record OfTraining(VersionMeasurement version, int rows) implements Measurement {
    @Override
    public Evaluation report() {
      return version.report();
    }

    @Override
    public MeasuredRows rows(long mostBytes) {
      return version.rows(mostBytes);
    }

    @Override
    public String lossName() {
      return "loss";
    }

    @Override
    public @Nullable String whyUnweighted() {
      return version.whyUnweighted();
    }

    @Override
    public double loss(Batches inputs) {
      return version.loss(inputs.batch(0, rows));
    }
  }
}
