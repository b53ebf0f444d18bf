package io.trainyard.spec;

import io.trainyard.error.Violations;
import tools.jackson.databind.JsonNode;

/** Looks up the versions that layers of type {@code model} refer to. */
@FunctionalInterface
public interface ReferencedModels {
  /**
   * A copy of the model object in which each such layer names a version by number and contains that
   * version's network, with raw tensors as inputs. The same object when there are no such layers.
   *
   * @param pointer the model object's place in the body
   */
  JsonNode resolve(JsonNode model, String pointer, Violations violations);
}
