package io.trainyard.train;

import io.trainyard.train.metric.MeasuredForm;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The forms of the values with which a training ends, by the prefixes of their names.
 *
 * @param metrics of the last epoch, and of the test rows
 * @param best of what is published
 */
public record MeasuredForms(Map<String, MeasuredForm> metrics, Map<String, MeasuredForm> best) {
  static final String VALIDATION = "val_";
  static final String TEST = "test_";
  static final String TRAINING = "";

  public static final MeasuredForms NONE = new MeasuredForms(Map.of(), Map.of());

  public MeasuredForms {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    best = Collections.unmodifiableMap(new LinkedHashMap<>(best));
  }

  /** The same training, whose published weights were measured on rows that others have not seen. */
  MeasuredForms measuredElsewhere(MeasuredForms elsewhere) {
    Map<String, MeasuredForm> own = new LinkedHashMap<>(metrics);
    MeasuredForm test = elsewhere.metrics.get(TEST);
    if (test != null) {
      own.put(TEST, test);
    }
    return new MeasuredForms(own, elsewhere.best);
  }

  /** The forms of all values of what is published. */
  public Map<String, MeasuredForm> published() {
    Map<String, MeasuredForm> all = new LinkedHashMap<>(best);
    MeasuredForm test = metrics.get(TEST);
    if (test != null) {
      all.put(TEST, test);
    }
    return all;
  }

  /** As they are stored; null without any. */
  public @Nullable ObjectNode toJson() {
    if (metrics.isEmpty() && best.isEmpty()) {
      return null;
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("metrics", MeasuredForm.toJson(metrics));
    json.set("best", MeasuredForm.toJson(best));
    return json;
  }
}
