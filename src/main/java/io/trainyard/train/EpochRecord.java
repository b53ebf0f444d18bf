package io.trainyard.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch gave.
 *
 * @param epoch from 1, running on across phases
 * @param phase the phase's name; "" when the job has none
 * @param values loss, val_loss, metrics and val_ metrics, in the order they are shown
 * @param seconds how long the epoch took, validation included
 */
public record EpochRecord(
    int epoch, String phase, Map<String, Double> values, double learningRate, double seconds) {
  public EpochRecord {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
