package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.json.StrictJson;
import io.trainyard.train.metric.MeasuredValues;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The results of one epoch.
 *
 * @param epoch from 1, counted across phases
 * @param phase the phase's name; "" when the job has none
 * @param values loss, val_loss, metrics and val_ metrics, in display order
 * @param seconds duration of the epoch, validation included
 * @param layers the diagnostics of each layer, by the names of their values
 * @param decisions of the published epoch: how targets of two classes are decided, by name
 * @param notes why a value could not be computed, by its name; the value is then not a number
 */
public record EpochRecord(
    int epoch,
    String phase,
    Map<String, Double> values,
    double learningRate,
    double seconds,
    Map<String, Map<String, Double>> layers,
    Map<String, Decision.Named> decisions,
    Map<String, String> notes) {
  /** An epoch without diagnostics. */
  public EpochRecord(
      int epoch, String phase, Map<String, Double> values, double learningRate, double seconds) {
    this(epoch, phase, values, learningRate, seconds, Map.of(), Map.of(), Map.of());
  }

  public EpochRecord {
    Map<String, Map<String, Double>> copies = new LinkedHashMap<>();
    layers.forEach(
        (layer, numbers) ->
            copies.put(layer, Collections.unmodifiableMap(new LinkedHashMap<>(numbers))));
    layers = Collections.unmodifiableMap(copies);
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    decisions = Collections.unmodifiableMap(new LinkedHashMap<>(decisions));
    notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
  }

  /**
   * As it is stored and answered. A number that JSON doesn't have is "NaN", "Infinity" or
   * "-Infinity". Kept data folders contain it: the reader of stored records takes a member that it
   * doesn't know for a metric.
   */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epoch", epoch);
    json.put("phase", phase.isEmpty() ? null : phase);
    measured().putInto(json, json);
    json.set("learning_rate", StrictJson.number(learningRate));
    json.set("seconds", StrictJson.number(seconds));
    if (!layers.isEmpty()) {
      ObjectNode byLayer = json.putObject("layers");
      layers.forEach(
          (layer, numbers) -> {
            ObjectNode own = byLayer.putObject(layer);
            numbers.forEach((name, number) -> own.set(name, StrictJson.number(number)));
          });
    }
    if (!decisions.isEmpty()) {
      ObjectNode named = json.putObject("decisions");
      decisions.forEach((target, rule) -> named.set(target, rule.toJson()));
    }
    return json;
  }

  /** The values alone, as {@link #toJson} has them. */
  public ObjectNode valuesToJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    measured().putInto(json, json);
    return json;
  }

  private MeasuredValues measured() {
    return new MeasuredValues(values, notes);
  }

  /** The same epoch, counted on from others before it. */
  EpochRecord shifted(int before, String inPhase) {
    return new EpochRecord(
        before + epoch, inPhase, values, learningRate, seconds, layers, decisions, notes);
  }

  /** The same epoch as it is published. */
  EpochRecord published(MeasuredValues measured, Map<String, Decision.Named> rules) {
    return new EpochRecord(
        epoch, phase, measured.values(), learningRate, seconds, layers, rules, measured.notes());
  }
}
