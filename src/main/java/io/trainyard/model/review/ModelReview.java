package io.trainyard.model.review;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The review of a model before anything is stored or computed, with or without its data and
 * training.
 *
 * @param violations errors; empty for a valid model
 * @param warnings what will likely give a poor result
 * @param summary null when the network cannot be read
 * @param training what a job would train; null when the body has no training, or is invalid
 */
public record ModelReview(
    List<Violation> violations,
    List<Warning> warnings,
    @Nullable Summary summary,
    @Nullable Training training) {
  private static final String MODEL = "/model";
  private static final String DATASET = "/dataset";
  private static final String TRAINING = "/training";

  public ModelReview {
    violations = List.copyOf(violations);
    warnings = List.copyOf(warnings);
  }

  /**
   * A training of the model.
   *
   * @param plan null when the body names no dataset
   */
  public record Training(TrainingSpec spec, NetworkShapes shapes, @Nullable DataPlan plan) {}

  public boolean isValid() {
    return violations.isEmpty();
  }

  /**
   * Reviews the body of a validate request.
   *
   * @throws ServiceException INVALID_BODY when the body itself is malformed
   */
  public static ModelReview of(JsonNode body, DatasetPlanner planner, ReferencedModels references) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    JsonNode model = members.get("model");
    JsonNode dataset = members.get("dataset");
    JsonNode training = members.get("training");
    if (violations.isEmpty() && model == null) {
      members.violate("model", "'model' is required");
    }
    members.finish();
    violations.throwIfAny();
    ResolvedModel resolved =
        ResolvedModel.read(Objects.requireNonNull(model), MODEL, references, violations);
    DatasetSelection selection =
        dataset == null ? null : DatasetSelection.read(dataset, DATASET, violations);
    TrainingSpec trainingSpec =
        training == null ? null : SpecReader.training(training, TRAINING, violations);
    if (resolved == null) {
      return new ModelReview(violations.list(), List.of(), null, null);
    }
    ModelSpec spec = resolved.spec();
    if (spec.targets().isEmpty() && trainingSpec != null) {
      violations.add(MODEL + "/targets", "A model without 'targets' can be served, not trained");
    }
    DataPlan plan = selection == null ? null : plan(spec, selection, planner, violations);
    return plan == null
        ? withoutData(spec, trainingSpec, dataset != null, violations)
        : withData(spec, plan, trainingSpec, violations);
  }

  private static @Nullable DataPlan plan(
      ModelSpec model, DatasetSelection selection, DatasetPlanner planner, Violations violations) {
    if (model.takesRawTensors()) {
      violations.add(DATASET, "A model without 'inputs' takes tensors and cannot read a dataset");
      return null;
    }
    return planner.plan(model, selection, null, violations);
  }

  private static ModelReview withData(
      ModelSpec model, DataPlan plan, @Nullable TrainingSpec training, Violations violations) {
    SpecReview review =
        SpecReview.of(model, MODEL, plan.encoding(), trainable(model, training), violations);
    List<Warning> warnings = new ArrayList<>(plan.warnings());
    warnings.addAll(review.warnings());
    warnings.addAll(UnscaledInputs.warnings(model, MODEL, plan));
    return reviewed(model, review.shapes(), training, plan, warnings, violations);
  }

  /** Reviews what the spec itself declares. */
  private static ModelReview withoutData(
      ModelSpec model,
      @Nullable TrainingSpec training,
      boolean dataIsInvalid,
      Violations violations) {
    Map<String, Shape> shapes = DeclaredShapes.inputs(model);
    Map<String, TargetValues> values = DeclaredShapes.targets(model, shapes);
    // When the data is invalid, errors found with assumed shapes would only hide that one.
    Violations found = dataIsInvalid ? new Violations() : violations;
    SpecReview review =
        SpecReview.of(model, MODEL, shapes, values, trainable(model, training), found);
    List<Warning> warnings = new ArrayList<>();
    if (!dataIsInvalid) {
      warnings.addAll(review.warnings());
      if (!model.takesRawTensors()) {
        warnings.add(shapesWithoutDataset(shapes.size() < model.inputs().size()));
      }
    }
    return reviewed(model, review.shapes(), training, null, warnings, violations);
  }

  private static ModelReview reviewed(
      ModelSpec model,
      NetworkShapes shapes,
      @Nullable TrainingSpec training,
      @Nullable DataPlan plan,
      List<Warning> warnings,
      Violations violations) {
    boolean trainable = training != null && violations.isEmpty();
    return new ModelReview(
        violations.list(),
        warnings,
        summary(model, shapes, training),
        trainable ? new Training(Objects.requireNonNull(training), shapes, plan) : null);
  }

  private static Warning shapesWithoutDataset(boolean incomplete) {
    return new Warning(
        MODEL + "/inputs",
        "shapes_without_dataset",
        incomplete
            ? "Without a dataset the columns behind '*' are unknown, so shapes are left out. Add"
                + " 'dataset' to see them"
            : "Without a dataset each column counts as one number; a text column will take one per"
                + " category. Add 'dataset' to see exact shapes");
  }

  private static @Nullable TrainingSpec trainable(
      ModelSpec model, @Nullable TrainingSpec training) {
    return model.targets().isEmpty() ? null : training;
  }

  private static Summary summary(
      ModelSpec model, NetworkShapes shapes, @Nullable TrainingSpec training) {
    return training == null
        ? Summary.of(model.network(), shapes)
        : Summary.of(model.network(), shapes, training.batchSize());
  }

  /**
   * The summary of a stored model.
   *
   * @param learned the encoding of a version, which makes the shapes exact; null without one
   */
  public static Summary summary(ModelSpec model, @Nullable Encoding learned) {
    boolean fits = learned != null && learned.inputs().keySet().equals(model.inputs().keySet());
    Map<String, Shape> shapes =
        learned != null && fits ? learned.inputShapes() : DeclaredShapes.inputs(model);
    return Summary.of(
        model.network(), ShapeInference.infer(model.network(), shapes, "", new Violations()));
  }
}
