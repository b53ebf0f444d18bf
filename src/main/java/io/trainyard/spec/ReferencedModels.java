package io.trainyard.spec;

import io.trainyard.error.Violations;
import tools.jackson.databind.JsonNode;

/** Looks up the versions that a model object names. */
@FunctionalInterface
public interface ReferencedModels {
  /**
   * A copy of the model object in which each {@code ref} and {@code like} names a version by
   * number. A layer with a {@code ref} contains that version's network, with raw tensors as inputs.
   * The same object when it names no versions.
   *
   * @param pointer the model object's place in the body
   */
  JsonNode resolve(JsonNode model, String pointer, Violations violations);
}
