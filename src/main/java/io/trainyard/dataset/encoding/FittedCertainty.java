package io.trainyard.dataset.encoding;

import java.util.Map;

/**
 * What a training learned of how sure its version is, by target.
 *
 * @param intervals of a pair of quantiles at the low one
 */
public record FittedCertainty(
    Map<String, Calibration> calibrations, Map<String, Interval> intervals) {
  public static final FittedCertainty NONE = new FittedCertainty(Map.of(), Map.of());

  public FittedCertainty {
    calibrations = Map.copyOf(calibrations);
    intervals = Map.copyOf(intervals);
  }

  public boolean isNone() {
    return calibrations.isEmpty() && intervals.isEmpty();
  }
}
