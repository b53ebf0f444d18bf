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
 * @param layers the diagnostics of each layer, by the names of their values
 */
public record EpochRecord(
    int epoch,
    String phase,
    Map<String, Double> values,
    double learningRate,
    double seconds,
    Map<String, Map<String, Double>> layers) {
  /** An epoch without diagnostics. */
  public EpochRecord(
      int epoch, String phase, Map<String, Double> values, double learningRate, double seconds) {
    this(epoch, phase, values, learningRate, seconds, Map.of());
  }

  public EpochRecord {
    Map<String, Map<String, Double>> copies = new LinkedHashMap<>();
    layers.forEach(
        (layer, numbers) ->
            copies.put(layer, Collections.unmodifiableMap(new LinkedHashMap<>(numbers))));
    layers = Collections.unmodifiableMap(copies);
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
