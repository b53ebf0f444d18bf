package io.trainyard.dataset.recipe;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.Recipe;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A recipe written out for a table.
 *
 * @param model the model object, with layers
 * @param training what the caller gave, and the recipe's members for the rest
 */
public record RecipeExpansion(ObjectNode model, JsonNode training, List<Warning> warnings) {
  /** Settings by the ends of the pointers of members to which they are copied as they are. */
  public static final Map<String, String> COPIED =
      Map.of(
          "/window/group", "group",
          "/window/order_by", "order_by",
          "/window/length", "window",
          "/offset", "horizon");

  private static final long MIN_ROWS = 10;

  /**
   * With fewer rows realmlp is too sure of itself, and a narrow tabm is not slow: on 1,500 rows of
   * seven real tables and on 2,764 to 4,244 rows of five, tabm had the lower loss on each, by up to
   * a fifth, for 0.7 to 4.3 times the time.
   */
  static final long FEW_ROWS = 5_000;

  /** A prediction of rows that are mostly columns is as good as a guess. */
  private static final long MANY_COLUMNS = 2_000;

  public RecipeExpansion {
    warnings = List.copyOf(warnings);
  }

  /**
   * Writes a recipe out.
   *
   * @param model as the caller gave it, without faults
   * @param read the same
   * @param training as the caller gave it; null: none
   * @param violations gets why the recipe does not fit, with pointers into a body with {@code
   *     model}
   * @return null when it does not fit
   */
  public static @Nullable RecipeExpansion of(
      JsonNode model,
      ModelSpec read,
      RecipeSpec recipe,
      @Nullable JsonNode training,
      TableProfile table,
      Violations violations) {
    long before = violations.count();
    String at =
        model.path("network").hasNonNull(RecipeSpec.MEMBER) ? "/model/network/recipe" : "/model";
    RecipeSpec chosen = chosen(recipe, read, table);
    if (table.rows() < MIN_ROWS) {
      violations.add(
          at,
          "The recipe '%s' needs at least %d rows to learn from, got %d"
              .formatted(recipe.recipe().word(), MIN_ROWS, table.rows()));
      return null;
    }
    RecipeTask task = new RecipeTask(model, read, chosen, table, at, violations, new ArrayList<>());
    List<Head> heads = Head.all(task);
    RecipeNetwork network =
        chosen.recipe() == Recipe.SERIES
            ? SeriesNetwork.of(task, heads)
            : TableNetwork.of(task, heads);
    if (network == null || violations.count() > before) {
      return null;
    }
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    model
        .properties()
        .forEach(
            member -> {
              if (!List.of("inputs", "targets", "network").contains(member.getKey())) {
                whole.set(member.getKey(), member.getValue());
              }
            });
    whole.set("inputs", network.inputs());
    whole.set("targets", network.targets());
    whole.set("network", network.network());
    if (table.columns().size() > MANY_COLUMNS) {
      task.warn(
          at,
          "many_columns",
          "The table has %d columns for %d rows: a step is slow, and the network finds patterns by chance. Name the columns that matter in 'inputs'"
              .formatted(table.columns().size(), table.rows()));
    }
    return new RecipeExpansion(whole, merged(network.training(), training), task.warnings());
  }

  /**
   * Whether a share of the rows, held back, says when to stop.
   *
   * @param model without faults
   */
  public static boolean canHoldBack(
      double share, ModelSpec model, RecipeSpec recipe, TableProfile table) {
    RecipeSpec chosen = chosen(recipe, model, table);
    return chosen.recipe() != Recipe.SERIES
        || SeriesNetwork.canHoldBack(share, model, chosen, table);
  }

  private static RecipeSpec chosen(RecipeSpec recipe, ModelSpec model, TableProfile table) {
    return recipe.recipe() == Recipe.AUTO ? recipe.as(chosen(model, table)) : recipe;
  }

  /** Windows and offsets are forecasts; few rows need an ensemble that stops early. */
  private static Recipe chosen(ModelSpec model, TableProfile table) {
    boolean forecasts =
        model.inputs().values().stream().anyMatch(input -> input.window() != null)
            || model.targets().values().stream().anyMatch(target -> target.offset() > 0);
    return forecasts ? Recipe.SERIES : table.rows() < FEW_ROWS ? Recipe.TABM : Recipe.REALMLP;
  }

  /** The caller's training with the members that each recipe writes: with these it can be read. */
  public static JsonNode readable(JsonNode given) {
    ObjectNode least = JsonNodeFactory.instance.objectNode();
    least.put("loss", "mse").put("epochs", 1);
    // Each phase may have an optimizer of its own, and none may then be left for all.
    if (!given.hasNonNull("phases")) {
      least.putObject("optimizer").put("type", "adamw");
    }
    return merged(least, given);
  }

  /** What the caller gives takes the place of the recipe's members. */
  private static JsonNode merged(ObjectNode recipe, @Nullable JsonNode given) {
    if (given == null || given.isNull()) {
      return recipe;
    }
    if (!(given instanceof ObjectNode object)) {
      return given;
    }
    ObjectNode merged = recipe.deepCopy();
    if (object.hasNonNull("losses")) {
      merged.remove("loss");
    }
    if (object.hasNonNull("loss")) {
      merged.remove("losses");
    }
    JsonNode optimizer = object.path("optimizer");
    String type =
        optimizer.isString() ? optimizer.stringValue() : optimizer.path("type").asString("");
    boolean same =
        type.isEmpty() || type.equals(recipe.path("optimizer").path("type").asString(""));
    if (!same) {
      // They are made for the recipe's optimizer; a classical one refuses some.
      merged.remove(
          List.of(
              "learning_rate_schedule", "learning_rates", "weight_decay_exclude", "batch_size"));
    }
    object
        .properties()
        .forEach(
            member -> {
              if (member.getKey().equals("optimizer") && same && member.getValue().isObject()) {
                ((ObjectNode) merged.get("optimizer")).setAll((ObjectNode) member.getValue());
              } else if (!member.getValue().isNull()) {
                merged.set(member.getKey(), member.getValue());
              }
            });
    return merged;
  }

  /** The place of a target in the caller's body. */
  static String targetPointer(String name) {
    return Violation.pointer("/model/targets", name);
  }
}
