package io.trainyard.model.check;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Vocabularies;
import io.trainyard.dataset.prepare.ClassBalance;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader.ReadModel;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The check of a model before anything is stored or computed, with or without its data and
 * training. Validation, submission and storing a model run this one.
 *
 * @param plan null without data, or when there are violations
 * @param warnings what will likely give a poor result
 * @param metrics what is measured of each target, by phase; without phases under ""
 * @param summary null when the model cannot be read
 */
public record ModelCheck(
    NetworkShapes shapes,
    @Nullable DataPlan plan,
    List<Warning> warnings,
    Map<String, Map<String, List<MetricSpec>>> metrics,
    @Nullable Summary summary) {
  public ModelCheck {
    warnings = List.copyOf(warnings);
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /**
   * Checks a model against the columns of its dataset.
   *
   * @param pointer the model's place in the body
   * @param planned with an encoding
   * @param training null when the model is not about to be trained
   */
  public static ModelCheck withData(
      ReadModel model,
      String pointer,
      DatasetPlanner.Planned planned,
      @Nullable TrainingSpec training,
      Violations violations) {
    DataPlan plan = planned.plan();
    SpecCheck check = SpecCheck.of(model, pointer, planned.encoding(), plan, training, violations);
    List<Warning> warnings = new ArrayList<>();
    if (plan != null) {
      boolean weighs = training != null && !training.rowWeights().byTarget().isEmpty();
      plan.warnings().stream()
          .filter(warning -> !(weighs && warning.code().equals(ClassBalance.IMBALANCED)))
          .forEach(warnings::add);
    }
    warnings.addAll(check.warnings());
    if (plan != null) {
      warnings.addAll(UnscaledInputs.warnings(model.spec(), pointer, plan));
      warnings.addAll(TargetWarnings.warnings(model.spec(), pointer, plan));
      warnings.addAll(SmallBatches.warnings(training, plan.trainingRows()));
    }
    return of(model, check, training, plan, warnings);
  }

  /**
   * Checks what a model itself declares.
   *
   * @param dataIsUnknown whether there is a dataset that could not be read: it will say more
   */
  public static ModelCheck withoutData(
      ReadModel model,
      String pointer,
      @Nullable TrainingSpec training,
      boolean dataIsUnknown,
      Violations violations) {
    ModelSpec spec = model.spec();
    Map<String, Shape> shapes = DeclaredShapes.inputs(spec);
    Violations found = new Violations();
    SpecCheck check =
        SpecCheck.of(model, pointer, shapes, DeclaredShapes.targets(spec, shapes), training, found);
    List<Violation> certain = certain(model, pointer, training, found.list());
    violations.addAll(certain);
    List<Warning> warnings = new ArrayList<>();
    for (Layer open : spec.network().openEmbeddings()) {
      String place = Violation.pointer(pointer + "/network/layers", open.index()) + "/vocabulary";
      if (spec.takesRawTensors()) {
        violations.add(
            place,
            "'auto' follows the encoding of columns, and a model without 'inputs' has none; write"
                + " the number");
      } else if (!dataIsUnknown) {
        warnings.add(
            new Warning(
                place,
                "vocabulary_without_dataset",
                "The vocabulary of '%s' follows the encoding of '%s', which a dataset tells: its parameters are left out"
                    .formatted(open.name(), open.inputs().getFirst())));
      }
    }
    if (!dataIsUnknown) {
      warnings.addAll(check.warnings());
      if (model.recipe() != null) {
        warnings.add(
            new Warning(
                pointer + "/network",
                "recipe_without_dataset",
                "The layers of recipe '%s' follow from a dataset: add 'dataset' to see them"
                    .formatted(model.recipe().recipe().word())));
      }
      if (model.isComplete() && !spec.takesRawTensors()) {
        warnings.add(
            shapesWithoutDataset(pointer + "/inputs", shapes.size() < spec.inputs().size()));
      }
      found.list().stream()
          .filter(fault -> !certain.contains(fault))
          .map(
              fault ->
                  new Warning(
                      fault.pointer(),
                      "shapes_without_dataset",
                      "If each column is one number: " + fault.detail()))
          .forEach(warnings::add);
    }
    return of(model, check, training, null, warnings);
  }

  /** The faults that a model has whatever its columns hold. */
  private static List<Violation> certain(
      ReadModel model, String pointer, @Nullable TrainingSpec training, List<Violation> assumed) {
    List<Violation> certain = assumed;
    for (Map<String, Shape> shapes : DeclaredShapes.others(model.spec(), assumed)) {
      if (certain.isEmpty()) {
        break;
      }
      Violations found = new Violations();
      SpecCheck.of(
          model, pointer, shapes, DeclaredShapes.targets(model.spec(), shapes), training, found);
      List<String> places = found.list().stream().map(Violation::pointer).toList();
      certain = certain.stream().filter(fault -> places.contains(fault.pointer())).toList();
    }
    return certain;
  }

  private static ModelCheck of(
      ReadModel model,
      SpecCheck check,
      @Nullable TrainingSpec training,
      @Nullable DataPlan plan,
      List<Warning> warnings) {
    NetworkShapes shapes = check.shapes();
    Summary summary =
        !model.isComplete()
            ? null
            : training == null
                ? Summary.of(model.spec().network(), shapes)
                : Summary.of(model.spec().network(), shapes, training.batchRows(Long.MAX_VALUE));
    return new ModelCheck(shapes, plan, warnings, check.metrics(), summary);
  }

  private static Warning shapesWithoutDataset(String pointer, boolean incomplete) {
    return new Warning(
        pointer,
        "shapes_without_dataset",
        incomplete
            ? "Without a dataset the columns behind '*' are unknown, so shapes are left out. Add"
                + " 'dataset' to see them"
            : "Without a dataset each column counts as one number; a text column will take one per"
                + " category. Add 'dataset' to see exact shapes");
  }

  /**
   * The summary of a stored model.
   *
   * @param learned the encoding of a version, which makes the shapes exact; null without one
   * @throws ServiceException VERSION_NOT_FOUND when only data can tell the shapes
   */
  public static Summary summary(ModelSpec model, @Nullable Encoding learned) {
    boolean fits = learned != null && learned.inputs().keySet().equals(model.inputs().keySet());
    Map<String, Shape> shapes =
        learned != null && fits ? learned.inputShapes() : DeclaredShapes.inputs(model);
    Violations violations = new Violations();
    NetworkSpec network =
        learned == null || !fits
            ? model.network()
            : model
                .network()
                .withVocabularies(
                    Vocabularies.of(model.network(), learned, List.of(), "", new Violations()));
    NetworkShapes inferred = ShapeInference.infer(network, shapes, "", violations);
    if (!violations.isEmpty()) {
      throw new ServiceException(
          ErrorCode.VERSION_NOT_FOUND,
          "'%s' has no version yet, and without data its shapes are not known (%s). POST its name and a dataset to /v1/models:validate to see them"
              .formatted(model.name(), violations.list().getFirst().detail()));
    }
    return Summary.of(network, inferred);
  }
}
