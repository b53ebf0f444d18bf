package io.trainyard.store.job;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Epochs and progress as stored JSON. Kept data folders contain it, so its members never change;
 * {@code StoredJobTest} has an example of each. A number that JSON doesn't have is stored as "NaN",
 * "Infinity" or "-Infinity".
 */
final class StoredMeasurements {
  private static final String LAYERS = "layers";
  private static final String DECISIONS = "decisions";
  private static final String NOTES = "metric_notes";
  private static final Set<String> FIXED =
      Set.of("epoch", "phase", "learning_rate", "seconds", LAYERS, DECISIONS, NOTES);

  private StoredMeasurements() {}

  static ObjectNode write(EpochRecord epoch) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epoch", epoch.epoch());
    json.put("phase", epoch.phase().isEmpty() ? null : epoch.phase());
    putValues(json, epoch);
    put(json, "learning_rate", epoch.learningRate());
    put(json, "seconds", epoch.seconds());
    if (!epoch.layers().isEmpty()) {
      ObjectNode layers = json.putObject(LAYERS);
      epoch
          .layers()
          .forEach(
              (layer, numbers) -> {
                ObjectNode own = layers.putObject(layer);
                numbers.forEach((name, number) -> put(own, name, number));
              });
    }
    if (!epoch.decisions().isEmpty()) {
      ObjectNode decisions = json.putObject(DECISIONS);
      epoch.decisions().forEach((target, rule) -> decisions.set(target, rule.toJson()));
    }
    return json;
  }

  /** The values, null where one could not be computed, and the reasons. */
  private static void putValues(ObjectNode json, EpochRecord record) {
    record.values().forEach((name, number) -> put(json, name, number));
    record.notes().keySet().forEach(json::putNull);
    if (!record.notes().isEmpty()) {
      ObjectNode notes = json.putObject(NOTES);
      record.notes().forEach(notes::put);
    }
  }

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

  private static Map<String, Decision.Named> decisions(JsonNode json) {
    Map<String, Decision.Named> decisions = new LinkedHashMap<>();
    json.properties()
        .forEach(each -> decisions.put(each.getKey(), Decision.Named.of(each.getValue())));
    return decisions;
  }

  private static Map<String, String> notes(JsonNode json) {
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

  static ObjectNode write(Progress progress) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("phase", progress.phase().isEmpty() ? null : progress.phase());
    json.put("epoch", progress.epoch());
    json.put("epochs", progress.epochs());
    json.put("step", progress.step());
    json.put("steps_per_epoch", progress.stepsPerEpoch());
    put(json, "fraction", progress.fraction());
    double eta = progress.etaSeconds();
    json.put("eta_seconds", Double.isFinite(eta) ? eta : null);
    put(json, "rows_per_second", progress.rowsPerSecond());
    return json;
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

  private static void put(ObjectNode json, String name, double number) {
    if (Double.isFinite(number)) {
      json.put(name, number);
    } else {
      json.put(name, Double.toString(number));
    }
  }

  private static double number(JsonNode json) {
    return json.isNull()
        ? Double.NaN
        : json.isString() ? Double.parseDouble(json.stringValue()) : json.doubleValue();
  }
}
