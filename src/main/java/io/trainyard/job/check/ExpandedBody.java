package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.recipe.RecipeExpansion;
import io.trainyard.dataset.recipe.TableProfile;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReader.ReadModel;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a submission in which a recipe is written out.
 *
 * @param body with the recipe's training, and its split where the caller gave none
 * @param model the model object with layers; null where the body needs nothing written out, or
 *     where the rows or the recipe are not known
 * @param hasRecipe whether the model has a recipe, written out or not
 * @param warnings about columns that the recipe leaves out, and the rows that it holds back
 * @param faults why the recipe does not fit the rows; where it is not written out, also those of
 *     the training
 */
record ExpandedBody(
    JsonNode body,
    @Nullable JsonNode model,
    boolean hasRecipe,
    List<Warning> warnings,
    List<Violation> faults) {
  private static final double VALIDATION = 0.2;
  private static final String LOSS = "/training/loss";

  ExpandedBody {
    warnings = List.copyOf(warnings);
    faults = List.copyOf(faults);
  }

  /**
   * Writes out the recipe of a body, if it has one.
   *
   * @param given the body's model object, or the stored one that it names; null for neither
   */
  static ExpandedBody of(JsonNode body, @Nullable JsonNode given, DatasetPlanner datasets) {
    if (!(body instanceof ObjectNode) || (given != null && !RecipeSpec.isIn(given))) {
      return new ExpandedBody(body, null, false, List.of(), List.of());
    }
    if (given == null) {
      return unwritten(body, new Violations()); // an unknown model may have a recipe
    }
    Violations unreadable = new Violations();
    ReadModel read = SpecReader.readable(given, "/model", unreadable);
    ObjectNode whole = (ObjectNode) body.deepCopy();
    List<Warning> warnings = new ArrayList<>();
    RecipeSpec recipe = read.recipe();
    DatasetSelection rows = rows(whole);
    TableProfile table =
        rows == null || !unreadable.isEmpty()
            ? null
            : datasets.profile(rows, body.path("training").path("sample_weight").asString(null));
    if (table == null || recipe == null) {
      return unwritten(body, new Violations());
    }
    if (choosesSplit(body)) {
      boolean validates =
          needsValidation(body.path("training"))
              || RecipeExpansion.canHoldBack(VALIDATION, read.spec(), recipe, table);
      warnings.add(split(recipe, validates));
      if (validates) {
        ((ObjectNode) whole.get("dataset")).putObject("split").put("validation", VALIDATION);
        table = table.validating();
      }
    }
    Violations faults = new Violations();
    RecipeExpansion expansion =
        RecipeExpansion.of(given, read.spec(), recipe, body.get("training"), table, faults);
    if (expansion == null) {
      return unwritten(body, faults);
    }
    whole.set("training", expansion.training());
    warnings.addAll(expansion.warnings());
    return new ExpandedBody(whole, expansion.model(), true, warnings, List.of());
  }

  /**
   * A body whose recipe is not written out. What it would add to the training is unknown, so
   * nothing is missing in it yet; what is there can be read.
   */
  private static ExpandedBody unwritten(JsonNode body, Violations faults) {
    ObjectNode rest = (ObjectNode) body.deepCopy();
    JsonNode training = rest.remove("training");
    if (training != null) {
      SpecReader.readableTraining(RecipeExpansion.readable(training), "/training", faults);
    }
    return new ExpandedBody(rest, null, true, List.of(), faults.list());
  }

  /** Whether the caller says nothing of the rows that are held back. */
  private static boolean choosesSplit(JsonNode body) {
    JsonNode dataset = body.path("dataset");
    return folds(body.path("training")) == 0
        && !dataset.hasNonNull("split")
        && !dataset.hasNonNull("validation_dataset");
  }

  /** Whether the caller asks for what only rows that are held back can give. */
  private static boolean needsValidation(JsonNode training) {
    return training.hasNonNull("intervals") || training.hasNonNull("early_stopping");
  }

  private static Warning split(RecipeSpec recipe, boolean validates) {
    String word = recipe.recipe().word();
    return new Warning(
        "/dataset",
        "recipe_split",
        validates
            ? "The recipe '%s' holds back a share of %s of the rows to choose the best epoch; \"split\": {} trains on all. Where you submit what it wrote, write \"split\": {\"validation\": %s} yourself"
                .formatted(word, VALIDATION, VALIDATION)
            : "The recipe '%s' trains on all rows: a share of %s of them has too few windows to choose the best epoch"
                .formatted(word, VALIDATION));
  }

  /** The selected rows; null when they cannot be read. */
  private static @Nullable DatasetSelection rows(ObjectNode body) {
    if (!(body.get("dataset") instanceof ObjectNode dataset)) {
      return null;
    }
    Violations violations = new Violations();
    DatasetSelection rows = DatasetSelection.read(dataset, "/dataset", violations);
    int folds = folds(body.path("training"));
    if (rows != null && folds > 0) {
      rows = rows.with(rows.split().with(new FoldSpec(1, folds)));
    }
    return violations.isEmpty() ? rows : null;
  }

  /** The folds of an ensemble, whose members each validate on one; 0 without. */
  private static int folds(JsonNode training) {
    int folds = training.at("/ensemble/folds").asInt(0);
    return folds >= 2 && folds <= FoldSpec.MAX ? folds : 0;
  }

  /** A fault with a place in the caller's body, for a place in what the recipe wrote. */
  static Violation placed(JsonNode body, Violation fault) {
    if (fault.pointer().equals(LOSS) && body.at(LOSS).isString()) {
      return new Violation(
          LOSS,
          fault.detail()
              + "; the recipe wrote this network: leave 'loss' out for the one that fits it, or"
              + " submit layers of your own");
    }
    return placed(body, fault.pointer(), fault.detail(), Violation::new);
  }

  /** As for faults. */
  static Warning placed(JsonNode body, Warning warning) {
    return placed(
        body,
        warning.pointer(),
        warning.detail(),
        (place, detail) -> new Warning(place, warning.code(), detail));
  }

  private static <T> T placed(
      JsonNode body, String pointer, String detail, BiFunction<String, String, T> made) {
    String setting = setting(body, pointer);
    String place = setting.isEmpty() ? existing(body, pointer) : setting;
    boolean given = place.equals(pointer) || place.equals(setting);
    return made.apply(
        place, given ? detail : "In what the recipe wrote, at %s: %s".formatted(pointer, detail));
  }

  /** The setting that a recipe copies to a place which the body does not have; "" for others. */
  private static String setting(JsonNode body, String pointer) {
    if (!body.at(pointer).isMissingNode()) {
      return "";
    }
    return RecipeExpansion.COPIED.entrySet().stream()
        .filter(copy -> pointer.endsWith(copy.getKey()))
        .map(copy -> "/model/network/" + copy.getValue())
        .filter(place -> !body.at(place).isMissingNode())
        .findFirst()
        .orElse("");
  }

  /**
   * The pointer, or the nearest place above it that the body has, where its parent is not there.
   */
  private static String existing(JsonNode body, String pointer) {
    int end = pointer.lastIndexOf('/');
    if (end < 0 || !body.at(pointer.substring(0, end)).isMissingNode()) {
      return pointer;
    }
    String at = pointer.substring(0, end);
    while (!at.isEmpty() && body.at(at).isMissingNode()) {
      at = at.substring(0, at.lastIndexOf('/'));
    }
    return at;
  }
}
