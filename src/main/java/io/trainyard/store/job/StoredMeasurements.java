package io.trainyard.store.job;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the stored JSON of epochs and progress. Kept data folders contain it, so its members never
 * change; {@code StoredJobTest} has an example of each.
 */
final class StoredMeasurements {
  private static final String LAYERS = "layers";
  private static final String DECISIONS = "decisions";
  private static final String NOTES = "metric_notes";
  private static final Set<String> FIXED =
      Set.of("epoch", "phase", "learning_rate", "seconds", LAYERS, DECISIONS, NOTES);

  private StoredMeasurements() {}

  static EpochRecord epoch(JsonNode json) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (var member : json.properties()) {
      if (!FIXED.contains(member.getKey())) {
        values.put(member.getKey(), number(member.getValue()));
      }
    }
    return new EpochRecord(
        json.path("epoch").intValue(),
        json.path("phase").stringValue(""),
        values,
        number(json.path("learning_rate")),
        number(json.path("seconds")),
        layers(json.path(LAYERS)),
        decisions(json.path(DECISIONS)),
        notes(json.path(NOTES)));
  }

  static Map<String, Decision.Named> decisions(JsonNode json) {
    Map<String, Decision.Named> decisions = new LinkedHashMap<>();
    json.properties()
        .forEach(each -> decisions.put(each.getKey(), Decision.Named.of(each.getValue())));
    return decisions;
  }

  static Map<String, String> notes(JsonNode json) {
    Map<String, String> notes = new LinkedHashMap<>();
    json.properties().forEach(each -> notes.put(each.getKey(), each.getValue().stringValue()));
    return notes;
  }

  private static Map<String, Map<String, Double>> layers(JsonNode json) {
    Map<String, Map<String, Double>> layers = new LinkedHashMap<>();
    for (var layer : json.properties()) {
      Map<String, Double> numbers = new LinkedHashMap<>();
      layer
          .getValue()
          .properties()
          .forEach(each -> numbers.put(each.getKey(), number(each.getValue())));
      layers.put(layer.getKey(), numbers);
    }
    return layers;
  }

  static Progress progress(JsonNode json) {
    JsonNode eta = json.path("eta_seconds");
    return new Progress(
        json.path("phase").stringValue(""),
        json.path("epoch").intValue(),
        json.path("epochs").intValue(),
        json.path("step").longValue(),
        json.path("steps_per_epoch").longValue(),
        number(json.path("fraction")),
        eta.isNumber() ? eta.doubleValue() : Double.NaN,
        number(json.path("rows_per_second")));
  }

  private static double number(JsonNode json) {
    return json.isNull()
        ? Double.NaN
        : json.isString() ? Double.parseDouble(json.stringValue()) : json.doubleValue();
  }
}
