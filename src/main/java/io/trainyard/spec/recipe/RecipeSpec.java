package io.trainyard.spec.recipe;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A recipe with what the caller gave beside its name.
 *
 * @param given numbers and texts by setting
 */
public record RecipeSpec(Recipe recipe, Map<String, Object> given) {
  public static final String MEMBER = "recipe";

  /** What a model without a network is. */
  public static final RecipeSpec AUTO = new RecipeSpec(Recipe.AUTO, Map.of());

  public RecipeSpec {
    given = Map.copyOf(given);
  }

  /** Whether a model object has a recipe: named in its network, or targets without a network. */
  public static boolean isIn(@Nullable JsonNode model) {
    return model != null && model.isObject() && isIn(model.get("network"), model.get("targets"));
  }

  /** As {@link #isIn(JsonNode)}, by these members of a model object. */
  public static boolean isIn(@Nullable JsonNode network, @Nullable JsonNode targets) {
    return (network == null || network.isNull())
        ? targets != null && !targets.isNull()
        : network.isObject() && (network.hasNonNull(MEMBER) || lacksName(network));
  }

  /** Whether a network without layers has another spelling of the recipe, or its settings alone. */
  private static boolean lacksName(JsonNode json) {
    JsonObject network = JsonObject.of(json, "", new Violations());
    List<String> names = network.names();
    return misspelt(network).isPresent()
        || (!names.isEmpty() && Stream.of(Recipe.values()).anyMatch(each -> each.has(names)));
  }

  /** The recipe of a network without layers, in another spelling. */
  private static Optional<String> misspelt(JsonObject network) {
    return network.has("layers") ? Optional.empty() : NameAdvice.similar(MEMBER, network.names());
  }

  /** Reads a network object with a recipe; its faults are told. */
  public static RecipeSpec read(JsonObject network) {
    Optional<String> misspelt = network.has(MEMBER) ? Optional.empty() : misspelt(network);
    if (misspelt.isPresent()) {
      network.violate(
          misspelt.get(), "'recipe' was expected, got the member '" + misspelt.get() + "'");
      return AUTO;
    }
    if (!network.has(MEMBER)) {
      network.violate(
          MEMBER,
          "'recipe' is required beside its settings: these are settings of %s"
              .formatted(
                  Stream.of(Recipe.values())
                      .filter(each -> each.has(network.names()))
                      .map(Recipe::word)
                      .collect(Collectors.joining(", "))));
      return AUTO;
    }
    long before = network.violations().count();
    Recipe recipe = network.choice(MEMBER, Recipe.AUTO);
    if (network.violations().count() > before) {
      // Which settings it would have is unknown.
      return AUTO;
    }
    Map<String, Object> given = new LinkedHashMap<>();
    for (Recipe.Setting setting : recipe.settings()) {
      String name = setting.name();
      if (!network.has(name)) {
        Object _ = network.get(name);
        continue;
      }
      switch (setting.type()) {
        case "integer" ->
            given.put(
                name,
                network.requiredInteger(name, least(setting).intValue(), most(setting).intValue()));
        case "number" -> number(network, setting, given);
        default -> {
          String text = network.text(name);
          if (text != null) {
            given.put(name, text);
          }
        }
      }
    }
    network.finish();
    return new RecipeSpec(recipe, given);
  }

  private static void number(
      JsonObject network, Recipe.Setting setting, Map<String, Object> given) {
    double number = network.requiredNumber(setting.name());
    double least = least(setting).doubleValue();
    double most = most(setting).doubleValue();
    if (number < least || number > most) {
      network.violate(
          setting.name(),
          "A number from %s to %s was expected, got %s".formatted(least, most, number));
    }
    given.put(setting.name(), number);
  }

  private static Number least(Recipe.Setting setting) {
    return Objects.requireNonNull(setting.minimum());
  }

  private static Number most(Recipe.Setting setting) {
    return Objects.requireNonNull(setting.maximum());
  }

  /** The same settings of the recipe that this one chooses. */
  public RecipeSpec as(Recipe other) {
    return new RecipeSpec(other, given);
  }

  /** A whole number: the given one, or the default. */
  public int integer(String setting) {
    return number(setting).intValue();
  }

  /** A whole number that follows from the table unless it is given. */
  public int integer(String setting, int fallback) {
    return given.get(setting) instanceof Number number ? number.intValue() : fallback;
  }

  /** A number: the given one, or the default. */
  public Number number(String setting) {
    return given.get(setting) instanceof Number number
        ? number
        : Objects.requireNonNull(recipe.setting(setting).fallback());
  }

  public @Nullable String text(String setting) {
    return given.get(setting) instanceof String text ? text : null;
  }
}
