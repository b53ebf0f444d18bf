package io.trainyard.model.review;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.ErrorCode;
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
import io.trainyard.spec.check.TrainingCheck;
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
 * Everything that can be said about a model before anything is stored or computed, with or without
 * the data and training it is meant for.
 *
 * @param violations what must change; empty for a valid model
 * @param warnings what should change
 * @param summary null when the network cannot be read
 */
public record ModelReview(
    List<Violation> violations, List<Warning> warnings, @Nullable Summary summary) {
  private static final String MODEL = "/model";
  private static final String DATASET = "/dataset";
  private static final String TRAINING = "/training";

  public ModelReview {
    violations = List.copyOf(violations);
    warnings = List.copyOf(warnings);
  }

  public boolean isValid() {
    return violations.isEmpty();
  }

  /** Reads the body of a validate request. */
  public static ModelReview read(
      JsonNode body, DatasetPlanner planner, ReferencedModels references) {
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
    JsonNode resolved = references.resolve(Objects.requireNonNull(model), MODEL, violations);
    return violations.isEmpty()
        ? of(resolved, dataset, training, planner)
        : new ModelReview(violations.list(), List.of(), null);
  }

  /**
   * Reviews a model object.
   *
   * @param dataset null to look at the model without data
   * @param training null to look at the model alone
   */
  public static ModelReview of(
      JsonNode model,
      @Nullable JsonNode dataset,
      @Nullable JsonNode training,
      DatasetPlanner planner) {
    Violations violations = new Violations();
    ModelSpec spec = SpecReader.model(model, MODEL, violations);
    DatasetSelection selection =
        dataset == null ? null : DatasetSelection.read(dataset, DATASET, violations);
    TrainingSpec how =
        training == null ? null : SpecReader.training(training, TRAINING, violations);
    if (spec == null) {
      return new ModelReview(violations.list(), List.of(), null);
    }
    if (spec.targets().isEmpty() && how != null) {
      violations.add(MODEL + "/targets", "A model without 'targets' can be served, not trained");
    }
    DataPlan plan = selection == null ? null : plan(spec, selection, planner, violations);
    if (plan == null) {
      return withoutData(spec, how, dataset != null, violations);
    }
    Encoding encoding = plan.encoding();
    ModelReview review =
        reviewed(spec, encoding.inputShapes(), encoding.targetValues(), how, violations);
    List<Warning> warnings = new ArrayList<>(plan.warnings());
    warnings.addAll(review.warnings());
    warnings.addAll(UnscaledInputs.warnings(spec, MODEL, plan));
    return new ModelReview(review.violations(), warnings, review.summary());
  }

  private static @Nullable DataPlan plan(
      ModelSpec model, DatasetSelection selection, DatasetPlanner planner, Violations violations) {
    if (model.takesRawTensors()) {
      violations.add(DATASET, "A model without 'inputs' takes raw tensors and reads no data set");
      return null;
    }
    try {
      return planner.plan(model, MODEL, selection, DATASET, null, violations);
    } catch (ServiceException e) {
      if (e.code().family() != ErrorCode.Family.INVALID) {
        throw e;
      }
      violations.addAll(
          e.violations().isEmpty() ? List.of(new Violation(DATASET, e.detail())) : e.violations());
      return null;
    }
  }

  /** What the spec itself says of its columns is all there is to go by. */
  private static ModelReview withoutData(
      ModelSpec model, @Nullable TrainingSpec training, boolean dataIsWrong, Violations found) {
    Map<String, Shape> shapes = ListedShapes.inputs(model);
    Map<String, TargetValues> values = ListedShapes.targets(model, shapes);
    // With data that cannot be used, guesses would only hide the fault among others.
    ModelReview review =
        reviewed(model, shapes, values, training, dataIsWrong ? new Violations() : found);
    if (dataIsWrong) {
      return new ModelReview(found.list(), List.of(), review.summary());
    }
    if (model.takesRawTensors()) {
      return review;
    }
    List<Warning> warnings = new ArrayList<>(review.warnings());
    warnings.add(
        new Warning(
            MODEL + "/inputs",
            "shapes_without_dataset",
            shapes.size() < model.inputs().size()
                ? "Without a data set nobody knows what '*' stands for, so shapes are left out. Add"
                    + " 'dataset' to see them"
                : "Without a data set each column counts as one number; text columns will take one"
                    + " per category. Add 'dataset' to see exact shapes"));
    return new ModelReview(review.violations(), warnings, review.summary());
  }

  private static ModelReview reviewed(
      ModelSpec model,
      Map<String, Shape> inputs,
      Map<String, TargetValues> values,
      @Nullable TrainingSpec training,
      Violations violations) {
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), inputs, MODEL + "/network", violations);
    TrainingCheck check =
        new TrainingCheck(
            model, shapes, values, model.targets().isEmpty() ? null : training, MODEL, TRAINING);
    check.check(violations);
    return new ModelReview(
        violations.list(),
        check.warnings(),
        training == null
            ? Summary.of(model.network(), shapes)
            : Summary.of(model.network(), shapes, training.batchSize()));
  }

  /** The summary of a stored model; exact when a version has learned the columns it reads. */
  public static Summary summary(ModelSpec model, @Nullable Encoding learned) {
    boolean fits = learned != null && learned.inputs().keySet().equals(model.inputs().keySet());
    Map<String, Shape> shapes =
        learned != null && fits ? learned.inputShapes() : ListedShapes.inputs(model);
    return Summary.of(
        model.network(), ShapeInference.infer(model.network(), shapes, "", new Violations()));
  }
}
