package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How much each row counts in the loss: the product of its sample weight and of its class's weight.
 * Class weights are for training only; sample weights count in evaluations too.
 *
 * @param column of the sample weights; null: every row has the weight 1
 * @param byTarget class weights by target; those of all targets with classes under ""
 */
public record RowWeights(@Nullable String column, Map<String, OfClasses> byTarget) {
  /** Every row counts the same. */
  public static final RowWeights NONE = new RowWeights(null, Map.of());

  private static final String BALANCED = "balanced";

  private static final String EXPECTED =
      "\"balanced\" or weights by label, such as {\"rare\": 5}, was expected, got ";

  public RowWeights {
    byTarget = Collections.unmodifiableMap(new LinkedHashMap<>(byTarget));
  }

  /** The weights of a target's classes. */
  public sealed interface OfClasses {
    /**
     * n / (classes·n of the class) over the training rows; 1 for a class without rows. Source:
     * sklearn.utils.class_weight.compute_class_weight.
     */
    record Balanced() implements OfClasses {}

    /** By label; 1 for a label that is not listed. */
    record Given(Map<String, Double> byLabel) implements OfClasses {
      public Given {
        byLabel = Collections.unmodifiableMap(new LinkedHashMap<>(byLabel));
      }
    }

    /**
     * The weight of each class.
     *
     * @param rows of each class, in training
     */
    default float[] of(List<String> classes, long[] rows) {
      float[] weights = new float[classes.size()];
      long all = 0;
      for (long count : rows) {
        all += count;
      }
      for (int i = 0; i < weights.length; i++) {
        weights[i] =
            switch (this) {
              case Balanced _ -> rows[i] == 0 ? 1 : (float) all / (classes.size() * rows[i]);
              case Given given -> given.byLabel().getOrDefault(classes.get(i), 1.0).floatValue();
            };
      }
      return weights;
    }
  }

  /** The weights of a target's classes; null when there are none. */
  public @Nullable OfClasses ofClasses(String target) {
    OfClasses own = byTarget.get(target);
    return own == null ? byTarget.get("") : own;
  }

  static RowWeights read(JsonObject training) {
    return new RowWeights(training.text("sample_weight"), classWeights(training));
  }

  /** "balanced", weights by label, or one of these by target. */
  private static Map<String, OfClasses> classWeights(JsonObject training) {
    Map<String, OfClasses> byTarget = new LinkedHashMap<>();
    JsonNode json = training.get("class_weights");
    if (json == null || (json.isObject() && training.map("class_weights") == null)) {
      return byTarget;
    }
    boolean nested =
        json.isObject()
            && json.properties().stream()
                .anyMatch(each -> each.getValue().isObject() || each.getValue().isString());
    if (!nested) {
      put("", training, "class_weights", byTarget);
      return byTarget;
    }
    JsonObject owner =
        JsonObject.of(json, training.pointer("class_weights"), training.violations());
    owner.names().forEach(target -> put(target, owner, target, byTarget));
    return byTarget;
  }

  private static void put(
      String target, JsonObject owner, String member, Map<String, OfClasses> byTarget) {
    JsonNode json = owner.get(member);
    if (json != null && json.isObject()) {
      JsonObject weights = JsonObject.of(json, owner.pointerTo(member), owner.violations());
      byTarget.put(target, new OfClasses.Given(byLabel(weights)));
    } else if (json != null && json.isString() && json.stringValue().equals(BALANCED)) {
      byTarget.put(target, new OfClasses.Balanced());
    } else {
      owner.violations().add(owner.pointerTo(member), EXPECTED + JsonObject.describe(json));
    }
  }

  private static Map<String, Double> byLabel(JsonObject weights) {
    Map<String, Double> byLabel = new LinkedHashMap<>();
    for (String label : weights.names()) {
      double weight = weights.number(label, 1);
      if (weight < 0 || weight > Float.MAX_VALUE) {
        weights
            .violations()
            .add(weights.pointerTo(label), "A weight of at least 0 was expected, got " + weight);
      }
      byLabel.put(label, weight);
    }
    return byLabel;
  }
}
