package io.trainyard.model.review;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A model object whose references are resolved to version numbers, and its spec.
 *
 * @param json as it is stored with a model or a version
 */
public record ResolvedModel(JsonNode json, ModelSpec spec) {
  /**
   * Resolves and reads a model object.
   *
   * @param pointer the model object's place in the body
   * @return null when there are violations
   */
  public static @Nullable ResolvedModel read(
      JsonNode given, String pointer, ReferencedModels references, Violations violations) {
    Violations found = new Violations();
    JsonNode json = references.resolve(given, pointer, found);
    ModelSpec spec = found.isEmpty() ? SpecReader.model(json, pointer, found) : null;
    violations.addAll(found.list());
    return spec == null ? null : new ResolvedModel(json, spec);
  }

  /**
   * Resolves and reads a model object that must be valid.
   *
   * @throws io.trainyard.error.ServiceException INVALID_BODY with every violation
   */
  public static ResolvedModel require(JsonNode given, String pointer, ReferencedModels references) {
    Violations violations = new Violations();
    ResolvedModel model = read(given, pointer, references, violations);
    violations.throwIfAny();
    if (model == null) {
      throw new IllegalStateException("a model without violations could not be read");
    }
    return model;
  }
}
