package io.trainyard.spec;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.recipe.RecipeSpec;
import io.trainyard.spec.training.TrainingReader;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads specs from JSON and gathers all faults with their pointers. Each kind of object has its
 * reader, which returns null when the violations say why it cannot be read.
 */
public final class SpecReader {
  private SpecReader() {}

  /**
   * A model as far as it could be read: parts with a fault are left out, and so is what depends on
   * them.
   *
   * @param inputsAreRead whether all inputs are there
   * @param targetsAreRead whether all targets are there
   * @param isComplete whether nothing is left out
   * @param recipe what its layers will follow from; null where it has layers
   */
  public record ReadModel(
      ModelSpec spec,
      boolean inputsAreRead,
      boolean targetsAreRead,
      boolean isComplete,
      @Nullable RecipeSpec recipe) {
    /** A model without faults. */
    public static ReadModel whole(ModelSpec spec) {
      return new ReadModel(spec, true, true, true, null);
    }

    /** The same with another spec. */
    public ReadModel with(ModelSpec other) {
      return new ReadModel(other, inputsAreRead, targetsAreRead, isComplete, recipe);
    }

    /** A model of which nothing could be read. */
    public static final ReadModel NONE =
        new ReadModel(
            new ModelSpec(
                "", Map.of(), Map.of(), new NetworkSpec(Map.of(), List.of(), List.of(), List.of())),
            false,
            false,
            false,
            null);
  }

  /** The readable parts of a model object; the violations say what is wrong with the others. */
  public static ReadModel readable(@Nullable JsonNode json, String pointer, Violations violations) {
    long before = violations.count();
    ReadModel read = ModelReader.read(JsonObject.of(json, pointer, violations), false);
    return violations.count() == before
        ? read
        : new ReadModel(
            read.spec(), read.inputsAreRead(), read.targetsAreRead(), false, read.recipe());
  }

  /** The model object, or null when the violations say why not. */
  public static @Nullable ModelSpec model(
      @Nullable JsonNode json, String pointer, Violations violations) {
    ReadModel read = readable(json, pointer, violations);
    return read.isComplete() ? read.spec() : null;
  }

  /**
   * A stored model object, which was valid when it was stored. One with a recipe has no layers:
   * each of its versions has those that followed from its rows.
   */
  public static ModelSpec model(JsonNode json) {
    Violations violations = new Violations();
    ReadModel model = ModelReader.read(JsonObject.of(json, "", violations), true);
    violations.throwIfAny();
    if (!model.isComplete() && model.recipe() == null) {
      throw new IllegalStateException("a model without violations could not be read");
    }
    return model.spec();
  }

  /**
   * A training as far as it could be read. Other members than losses and optimizer have their
   * defaults where they have a fault.
   *
   * @param spec null when losses or optimizer cannot be read
   */
  public record ReadTraining(@Nullable TrainingSpec spec, boolean isComplete) {}

  /** The readable members of a training object; the violations say what is wrong with others. */
  public static ReadTraining readableTraining(
      @Nullable JsonNode json, String pointer, Violations violations) {
    long before = violations.count();
    TrainingSpec spec = TrainingReader.read(JsonObject.of(json, pointer, violations));
    return new ReadTraining(spec, violations.count() == before);
  }

  /** The training object, or null when the violations say why not. */
  public static @Nullable TrainingSpec training(
      @Nullable JsonNode json, String pointer, Violations violations) {
    ReadTraining read = readableTraining(json, pointer, violations);
    return read.isComplete() ? read.spec() : null;
  }
}
