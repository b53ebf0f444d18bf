package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What happens to gradients before the optimizer uses them.
 *
 * @param clipNorm the largest norm over all gradients; null: no limit
 * @param clipValue the largest absolute value of an element; null: no limit
 */
public record UpdateRules(@Nullable Double clipNorm, @Nullable Double clipValue) {
  static UpdateRules read(JsonObject training) {
    JsonObject clipping = training.object("gradient_clipping");
    if (clipping == null) {
      return new UpdateRules(null, null);
    }
    if (clipping.has("norm") == clipping.has("value")) {
      training.violate("gradient_clipping", "One of 'norm' and 'value' was expected");
    }
    Double norm = clipping.has("norm") ? (Double) positive(clipping, "norm") : null;
    Double value = clipping.has("value") ? (Double) positive(clipping, "value") : null;
    clipping.finish();
    return new UpdateRules(norm, value);
  }

  private static double positive(JsonObject owner, String member) {
    return positive(owner, member, Double.MAX_VALUE);
  }

  /** A number above 0; 0 when the member is missing. */
  static double positive(JsonObject owner, String member, double max) {
    if (!owner.has(member)) {
      return 0;
    }
    double number = owner.requiredNumber(member);
    if (number <= 0 || number > max) {
      String limit = max == Double.MAX_VALUE ? "" : " and at most " + max;
      owner.violate(member, "A number above 0" + limit + " was expected, got " + number);
    }
    return number;
  }
}
