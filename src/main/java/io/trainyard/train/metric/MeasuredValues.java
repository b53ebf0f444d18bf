package io.trainyard.train.metric;

import io.trainyard.json.StrictJson;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Numbers by name. A metric that could not be computed is not a number, and a note says why: it
 * becomes null in answers.
 */
public record MeasuredValues(Map<String, Double> values, Map<String, String> notes) {
  public MeasuredValues() {
    this(new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  public void put(String name, double value) {
    values.put(name, value);
  }

  /** Puts what could not be computed. */
  public void putUndefined(String name, String why) {
    values.put(name, Double.NaN);
    notes.put(name, why);
  }

  /** The same under other names. */
  public MeasuredValues withPrefix(String prefix) {
    MeasuredValues named = new MeasuredValues();
    values.forEach((name, value) -> named.values.put(prefix + name, value));
    notes.forEach((name, why) -> named.notes.put(prefix + name, why));
    return named;
  }

  /** Takes the value of a name from others, or why there is none. */
  public void replace(String name, MeasuredValues others) {
    values.put(name, others.values.getOrDefault(name, Double.NaN));
    notes.remove(name);
    if (others.notes.containsKey(name)) {
      notes.put(name, others.notes.get(name));
    }
  }

  public void putAll(MeasuredValues others) {
    values.putAll(others.values);
    notes.putAll(others.notes);
  }

  /**
   * Adds them as they are stored and answered. A number that JSON doesn't have is a string, one
   * that could not be computed null.
   *
   * @param json gets the values
   * @param around gets the notes, if there are any
   */
  public void putInto(ObjectNode json, ObjectNode around) {
    values.forEach((name, number) -> json.set(name, StrictJson.number(number)));
    notes.keySet().forEach(json::putNull);
    if (!notes.isEmpty()) {
      ObjectNode reasons = around.putObject("metric_notes");
      notes.forEach(reasons::put);
    }
  }
}
