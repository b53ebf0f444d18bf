package io.trainyard.spec;

import io.trainyard.error.Violations;
import tools.jackson.databind.JsonNode;

/** Where the versions live that a model's layers of type {@code model} refer to. */
@FunctionalInterface
public interface ReferencedModels {
  /**
   * The model object with its references resolved: each names a version by number and carries that
   * version's network as one that takes tensors. The same object when there is nothing to resolve.
   *
   * @param pointer the model object's place in the body
   */
  JsonNode resolve(JsonNode model, String pointer, Violations violations);
}
