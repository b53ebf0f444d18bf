package io.trainyard.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The results of one epoch.
 *
 * @param epoch from 1, counted across phases
 * @param phase the phase's name; "" when the job has none
 * @param values loss, val_loss, metrics and val_ metrics, in display order
 * @param seconds duration of the epoch, validation included
 */
public record EpochRecord(
    int epoch, String phase, Map<String, Double> values, double learningRate, double seconds) {
  public EpochRecord {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
