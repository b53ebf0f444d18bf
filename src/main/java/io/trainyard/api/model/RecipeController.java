package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.trainyard.spec.recipe.Recipe;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Lists the recipes that can stand in the place of layers. */
@RestController
class RecipeController {
  record RecipeList(List<RecipeView> recipes) {}

  /**
   * A recipe as callers see it.
   *
   * @param purpose when to use it
   * @param source the paper
   * @param settings what may be given beside its name
   */
  record RecipeView(
      String name,
      @JsonProperty("for") String purpose,
      String source,
      Map<String, SettingView> settings) {
    private static RecipeView of(Recipe recipe) {
      Map<String, SettingView> settings = new LinkedHashMap<>();
      for (Recipe.Setting setting : recipe.settings()) {
        settings.put(
            setting.name(),
            new SettingView(
                setting.type(),
                setting.fallback(),
                setting.minimum(),
                setting.maximum(),
                setting.summary()));
      }
      return new RecipeView(recipe.word(), recipe.purpose(), recipe.source(), settings);
    }
  }

  /** A setting, with the words of JSON Schema. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SettingView(
      String type,
      @JsonProperty("default") @Nullable Number fallback,
      @Nullable Number minimum,
      @Nullable Number maximum,
      String description) {}

  @GetMapping("/v1/recipes")
  RecipeList list() {
    return new RecipeList(Arrays.stream(Recipe.values()).map(RecipeView::of).toList());
  }
}
