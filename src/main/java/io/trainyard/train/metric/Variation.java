package io.trainyard.train.metric;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * r2, from sums for each element of a row. Squares are of targets shifted by the first row: large
 * means lose no digits. The units of the target cancel out.
 */
final class Variation implements MetricPart {
  private double[] shifts = {};
  private double[] sums = {};
  private double[] squares = {};
  private double[] residuals = {};
  private long rows;

  @Override
  public String name() {
    return "variation";
  }

  @Override
  public void clear() {
    rows = 0;
  }

  @Override
  public void add(RowBlock block) {
    double[] truths = block.truths();
    int width = block.rowElements;
    if (rows == 0) {
      shifts = Arrays.copyOf(truths, width);
      sums = new double[width];
      squares = new double[width];
      residuals = new double[width];
    }
    for (int row = 0; row < block.rows; row++) {
      int from = row * width;
      for (int i = 0; i < width; i++) {
        double centered = truths[from + i] - shifts[i];
        sums[i] += centered;
        squares[i] += centered * centered;
        double error = block.outputs[from + i] - truths[from + i];
        residuals[i] += error * error;
      }
    }
    rows += block.rows;
  }

  @Override
  public double value(MetricSpec metric) {
    double total = 0;
    boolean varies = false;
    for (int i = 0; i < sums.length; i++) {
      double variation = squares[i] - sums[i] * sums[i] / rows;
      varies |= variation > 0;
      if (variation > 0) {
        total += 1 - residuals[i] / variation;
      } else {
        total += residuals[i] == 0 ? 1 : 0;
      }
    }
    return varies ? total / sums.length : Double.NaN;
  }

  @Override
  public String whyUndefined(MetricSpec metric) {
    for (double residual : residuals) {
      if (Double.isNaN(residual)) {
        return MetricPart.super.whyUndefined(metric);
      }
    }
    return "The true values do not vary, so there is no variation to explain";
  }

  @Override
  public Map<String, HostTensor> state() {
    Map<String, HostTensor> state = new LinkedHashMap<>();
    state.put("rows", HostTensor.ofLongs(Shape.of(1), rows));
    if (rows > 0) {
      state.put("shifts", HostTensor.ofDoubles(Shape.of(shifts.length), shifts));
      state.put("sums", HostTensor.ofDoubles(Shape.of(sums.length), sums));
      state.put("squares", HostTensor.ofDoubles(Shape.of(squares.length), squares));
      state.put("residuals", HostTensor.ofDoubles(Shape.of(residuals.length), residuals));
    }
    return state;
  }

  @Override
  public void restore(Map<String, HostTensor> stored) {
    HostTensor count = stored.get("rows");
    rows = count == null ? 0 : count.longAt(0);
    if (rows > 0) {
      shifts = MetricPart.doubles(stored, "shifts");
      sums = MetricPart.doubles(stored, "sums");
      squares = MetricPart.doubles(stored, "squares");
      residuals = MetricPart.doubles(stored, "residuals");
    }
  }
}
