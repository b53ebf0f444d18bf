package io.trainyard.train.metric;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Of which rows values were measured, and of which answers: as a network gives them while it
 * trains, or as the published version does, calibrated and decided at its thresholds.
 *
 * @param part the word for the rows
 * @param calibrated whether probabilities are corrected, by target with classes
 * @param thresholds by target with two classes
 */
public record MeasuredForm(
    String part, int rows, Map<String, Boolean> calibrated, Map<String, Double> thresholds) {
  /** The member with the forms beside values. */
  public static final String MEMBER = "measured";

  public MeasuredForm {
    calibrated = Collections.unmodifiableMap(new LinkedHashMap<>(calibrated));
    thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
  }

  /**
   * The form of what is measured of these targets.
   *
   * @param labels of the classes, by target
   */
  public static MeasuredForm of(
      List<MeasuredTarget> targets, Map<String, List<String>> labels, String part, int rows) {
    Map<String, Boolean> calibrated = new LinkedHashMap<>();
    Map<String, Double> thresholds = new LinkedHashMap<>();
    for (MeasuredTarget target : targets) {
      if (target.output().classes()) {
        calibrated.put(target.target(), target.calibrated() != null);
        var rule = target.rule(labels.getOrDefault(target.target(), List.of()));
        if (rule != null) {
          thresholds.put(target.target(), rule.threshold());
        }
      }
    }
    return new MeasuredForm(part, rows, calibrated, thresholds);
  }

  /** The same of other rows. */
  public MeasuredForm of(String otherPart, int otherRows) {
    return new MeasuredForm(otherPart, otherRows, calibrated, thresholds);
  }

  /**
   * As it is stored and answered. Several targets with classes have objects by target, as their
   * probabilities do.
   */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("part", part).put("rows", rows);
    if (calibrated.size() > 1) {
      ObjectNode byTarget = json.putObject("calibrated");
      calibrated.forEach(byTarget::put);
      ObjectNode own = json.putObject("threshold");
      thresholds.forEach(own::put);
    } else {
      json.put("calibrated", calibrated.containsValue(true));
      json.put("threshold", thresholds.values().stream().findFirst().orElse(null));
    }
    return json;
  }

  /** The forms of values by the prefixes of their names, such as {@code val_}. */
  public static ObjectNode toJson(Map<String, MeasuredForm> forms) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    forms.forEach((prefix, form) -> json.set(prefix, form.toJson()));
    return json;
  }
}
