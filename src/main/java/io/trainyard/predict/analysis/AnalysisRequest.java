package io.trainyard.predict.analysis;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a predict request asks about its predictions.
 *
 * @param sampling null: no uncertainty
 * @param explanation null: no attributions
 */
public record AnalysisRequest(@Nullable Sampling sampling, @Nullable Explanation explanation) {
  /** Nothing is asked. */
  public static final AnalysisRequest NONE = new AnalysisRequest(null, null);

  /** The members of a body that ask for it. */
  public static final Set<String> MEMBERS = Set.of("samples", "seed", "explain");

  /** Predictions with other dropout masks. */
  record Sampling(int samples, long seed) {}

  /**
   * Integrated gradients.
   *
   * @param baseline null: {@code mean} for a model of columns, else {@code zeros}
   * @param target the target to explain; null: the only one
   * @param ofClass the class, or the column of a target of several; null: the predicted class
   */
  record Explanation(
      int steps, @Nullable Start baseline, @Nullable String target, @Nullable String ofClass) {}

  /** Where the way to an instance begins. */
  enum Start {
    /** The mean of the training rows. */
    MEAN,
    /** Zeros, and no category. */
    ZEROS
  }

  private static final String METHOD = "integrated_gradients";
  private static final int MOST_SAMPLES = 1000;
  private static final int MOST_STEPS = 1000;
  private static final int STEPS = 64;
  private static final long MAX_SEED = (1L << 53) - 1;

  public boolean isNone() {
    return sampling == null && explanation == null;
  }

  /** Reads the {@link #MEMBERS} of a body. */
  public static AnalysisRequest read(ObjectNode members, Violations violations) {
    JsonObject body = JsonObject.of(members, "", violations);
    Integer samples =
        body.has("samples") ? (Integer) body.integer("samples", 2, 2, MOST_SAMPLES) : null;
    if (samples == null && body.has("seed")) {
      body.violate("seed", "'seed' is for 'samples', which is missing");
    }
    long seed =
        body.has("seed")
            ? body.integer("seed", 0L, 0, MAX_SEED)
            : ThreadLocalRandom.current().nextLong(MAX_SEED);
    return new AnalysisRequest(
        samples == null ? null : new Sampling(samples, seed),
        body.has("explain") ? explanation(body, violations) : null);
  }

  private static Explanation explanation(JsonObject body, Violations violations) {
    JsonNode given = body.get("explain");
    if (given != null && given.isString()) {
      given = JsonNodeFactory.instance.objectNode().put("method", given.stringValue());
    }
    JsonObject json = JsonObject.of(given, "/explain", violations);
    String method = json.text("method", METHOD);
    if (!method.equals(METHOD)) {
      violations.add(
          body.hasText("explain") ? "/explain" : "/explain/method",
          "'%s' was expected, got '%s'".formatted(METHOD, JsonObject.shorten(method)));
    }
    Explanation explanation =
        new Explanation(
            json.integer("steps", STEPS, 1, MOST_STEPS),
            json.has("baseline") ? json.choice("baseline", Start.MEAN) : null,
            json.text("target"),
            label(json));
    json.finish();
    return explanation;
  }

  /** A class is a text, a number or a boolean. */
  private static @Nullable String label(JsonObject json) {
    JsonNode given = json.get("class");
    if (given == null || given.isString() || given.isNumber() || given.isBoolean()) {
      return given == null ? null : given.asString();
    }
    json.violate("class", "A class or a column was expected, got " + JsonObject.describe(given));
    return null;
  }
}
