package io.trainyard.train.metric;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the sums of a checkpoint from before a metric had a part of its own: one list for a target,
 * of accuracy, then mse, mae and rmse, then r2.
 */
final class OldSums {
  /** Sums before those of r2. */
  private static final int COUNTS = 6;

  private OldSums() {}

  /** The same sums as the parts store them. */
  static Map<String, HostTensor> ofParts(HostTensor stored) {
    double[] sums = stored.toDoubles();
    Map<String, HostTensor> parts = new LinkedHashMap<>();
    parts.put("decisions/sums", part(sums, 0, 2));
    parts.put("errors/sums", part(sums, 2, 3));
    parts.put("variation/rows", HostTensor.ofLongs(Shape.of(1), (long) sums[5]));
    int width = (sums.length - COUNTS) / 4;
    parts.put("variation/shifts", part(sums, COUNTS, width));
    parts.put("variation/sums", part(sums, COUNTS + width, width));
    parts.put("variation/squares", part(sums, COUNTS + 2 * width, width));
    parts.put("variation/residuals", part(sums, COUNTS + 3 * width, width));
    return parts;
  }

  private static HostTensor part(double[] sums, int from, int length) {
    return HostTensor.ofDoubles(Shape.of(length), Arrays.copyOfRange(sums, from, from + length));
  }
}
