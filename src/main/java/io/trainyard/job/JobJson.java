package io.trainyard.job;

import io.trainyard.train.ConfusionMatrix;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records of training as JSON: what callers see, and what is stored. Numbers that are not finite
 * become the strings "NaN", "Infinity" and "-Infinity".
 */
public final class JobJson {
  private static final Set<String> FIXED = Set.of("epoch", "phase", "learning_rate", "seconds");

  private JobJson() {}

  public static ObjectNode of(EpochRecord epoch) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epoch", epoch.epoch());
    putPhase(json, epoch.phase());
    epoch.values().forEach((name, measure) -> put(json, name, measure));
    put(json, "learning_rate", epoch.learningRate());
    put(json, "seconds", epoch.seconds());
    return json;
  }

  public static EpochRecord epoch(JsonNode json) {
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
        number(json.path("seconds")));
  }

  public static ObjectNode of(Progress progress) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    putPhase(json, progress.phase());
    json.put("epoch", progress.epoch());
    json.put("epochs", progress.epochs());
    json.put("step", progress.step());
    json.put("steps_per_epoch", progress.stepsPerEpoch());
    put(json, "fraction", progress.fraction());
    if (Double.isFinite(progress.etaSeconds())) {
      json.put("eta_seconds", progress.etaSeconds());
    } else {
      json.putNull("eta_seconds");
    }
    put(json, "rows_per_second", progress.rowsPerSecond());
    return json;
  }

  public static Progress progress(JsonNode json) {
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

  public static ObjectNode of(JobState.Result result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", result.model());
    json.put("version", result.version());
    JobState.AliasMove alias = result.alias();
    if (alias == null) {
      json.putNull("alias");
    } else {
      ObjectNode move = json.putObject("alias");
      move.put("name", alias.name());
      move.put("moved", alias.moved());
      move.put("reason", alias.reason());
    }
    return json;
  }

  public static ObjectNode of(JobState.Failure failure) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", failure.code());
    json.put("detail", failure.detail());
    json.put("epoch", failure.epoch());
    json.put("step", failure.step());
    json.put("layer", failure.layer());
    return json;
  }

  /** Counts by true class, then by predicted class. */
  static ArrayNode of(ConfusionMatrix matrix) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (List<Long> counts : matrix.counts()) {
      ArrayNode row = rows.addArray();
      counts.forEach(row::add);
    }
    return rows;
  }

  private static void putPhase(ObjectNode json, String phase) {
    json.put("phase", phase.isEmpty() ? null : phase);
  }

  /** Puts a number, also one that JSON has no number for. */
  static void put(ObjectNode json, String name, double number) {
    if (Double.isFinite(number)) {
      json.put(name, number);
    } else {
      json.put(name, Double.toString(number));
    }
  }

  private static double number(JsonNode json) {
    return json.isString() ? Double.parseDouble(json.stringValue()) : json.doubleValue();
  }
}
