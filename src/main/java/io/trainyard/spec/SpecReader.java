package io.trainyard.spec;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.TrainingReader;
import io.trainyard.spec.training.TrainingSpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Binds JSON to specs; gathers every fault with its pointer. Each noun has a reader of its own; a
 * part that cannot be read is null and its fault is among the violations.
 */
public final class SpecReader {
  private SpecReader() {}

  /** The model object, or null when the violations say why not. */
  public static @Nullable ModelSpec model(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return ModelReader.read(JsonObject.of(json, pointer, violations));
  }

  /** A stored model object, known to be good. */
  public static ModelSpec model(JsonNode json) {
    Violations violations = new Violations();
    ModelSpec model = model(json, "", violations);
    violations.throwIfAny();
    if (model == null) {
      throw new IllegalStateException("a model without a fault could not be read");
    }
    return model;
  }

  /** The training object, or null when the violations say why not. */
  public static @Nullable TrainingSpec training(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return TrainingReader.read(JsonObject.of(json, pointer, violations));
  }
}
