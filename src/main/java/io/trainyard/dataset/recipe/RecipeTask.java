package io.trainyard.dataset.recipe;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A recipe to write out for a table.
 *
 * @param given the model object as the caller gave it, without faults
 * @param model the same
 * @param at the place of the recipe
 * @param violations gets why the recipe does not fit, with pointers into a body with {@code model}
 */
record RecipeTask(
    JsonNode given,
    ModelSpec model,
    RecipeSpec recipe,
    TableProfile table,
    String at,
    Violations violations,
    List<Warning> warnings) {
  void violate(String pointer, String detail) {
    violations.add(pointer, detail);
  }

  void warn(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
