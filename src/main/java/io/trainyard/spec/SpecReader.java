package io.trainyard.spec;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.TrainingReader;
import io.trainyard.spec.training.TrainingSpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads specs from JSON and gathers all faults with their pointers. Each kind of object has its
 * reader, which returns null when the violations say why it cannot be read.
 */
public final class SpecReader {
  private SpecReader() {}

  /** The model object, or null when the violations say why not. */
  public static @Nullable ModelSpec model(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return ModelReader.read(JsonObject.of(json, pointer, violations));
  }

  /** A stored model object, which was valid when it was stored. */
  public static ModelSpec model(JsonNode json) {
    Violations violations = new Violations();
    ModelSpec model = model(json, "", violations);
    violations.throwIfAny();
    if (model == null) {
      throw new IllegalStateException("a model without violations could not be read");
    }
    return model;
  }

  /** The training object, or null when the violations say why not. */
  public static @Nullable TrainingSpec training(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return TrainingReader.read(JsonObject.of(json, pointer, violations));
  }
}
