package io.trainyard.train.metric;

import io.trainyard.spec.training.MetricSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** The sums that some metrics of a target are made of. */
interface MetricPart {
  /** Its name in a checkpoint. */
  String name();

  void clear();

  void add(RowBlock block);

  /** The value of a metric over all rows added; NaN when it is not defined. */
  double value(MetricSpec metric);

  /** Why a value is not defined. */
  default String whyUndefined(MetricSpec metric) {
    return "Some output is not a number";
  }

  /** All sums by name, to store for {@link #restore}. */
  Map<String, HostTensor> state();

  void restore(Map<String, HostTensor> stored);

  /** State of a single list of numbers. */
  static Map<String, HostTensor> state(double... sums) {
    return Map.of("sums", HostTensor.ofDoubles(Shape.of(sums.length), sums));
  }

  static double[] doubles(Map<String, HostTensor> stored, String name) {
    return Objects.requireNonNull(stored.get(name), name).toDoubles();
  }

  /** What {@link #state(double...)} stored; zeros for what is missing. */
  static double[] sums(Map<String, HostTensor> stored, int length) {
    HostTensor sums = stored.get("sums");
    return sums == null ? new double[length] : Arrays.copyOf(sums.toDoubles(), length);
  }
}
