package io.trainyard.train.metric;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.MeasuredOutput;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;

/** Builds the measured target of one output, whose units are the encoded ones. */
final class MeasuredTargets {
  private MeasuredTargets() {}

  /**
   * @param loss and metrics as in a job
   */
  static MeasuredTarget of(
      String loss, String metrics, boolean classes, Shape row, Function activation) {
    return scaled(loss, metrics, classes, row, activation, new double[] {1}, new double[] {0});
  }

  static MeasuredTarget scaled(
      String loss,
      String metrics,
      boolean classes,
      Shape row,
      Function activation,
      double[] units,
      double[] offsets) {
    TrainingSpec training =
        Specs.training("{'loss': %s, 'epochs': 1, 'metrics': %s}".formatted(loss, metrics));
    MeasuredOutput output =
        MeasuredOutput.of(training.losses().of("y", "y"), classes, row, activation);
    return new MeasuredTarget(
        "y",
        output,
        training.metrics("y"),
        "",
        units,
        offsets,
        List.of(ColumnEncoding.Range.ALL),
        Decision.DEFAULT,
        null,
        null);
  }

  static Map<String, Double> values(TargetMetrics metrics) {
    MeasuredValues values = new MeasuredValues();
    metrics.putInto(values, "");
    return values.values();
  }

  /** Adds rows in batches of this many. */
  static void add(TargetMetrics metrics, HostTensor output, HostTensor target, int batch) {
    int rows = output.shape().dims().getFirst();
    for (int from = 0; from < rows; from += batch) {
      int count = Math.min(batch, rows - from);
      metrics.add(output.rows(from, count), target.rows(from, count));
    }
  }
}
