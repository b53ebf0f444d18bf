package io.trainyard.job;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.review.InitialWeights;
import io.trainyard.job.review.JobRequest;
import io.trainyard.job.review.MemoryBudget;
import io.trainyard.job.review.MetricNames;
import io.trainyard.job.review.PoolChooser;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionStore;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.check.TrainingCheck;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns what a caller asks for into a task with nothing left open: names looked up, versions and
 * seed fixed, and everything checked that can be known before training.
 */
@Component
final class Submission {
  /** Seeds that survive every JSON reader. */
  private static final long MAX_SEED = 1L << 53;

  private static final String MODEL = "/model";

  private final ModelCatalogue models;
  private final VersionStore versions;
  private final ReferencedModels references;
  private final DatasetPlanner datasets;
  private final PoolChooser placements;
  private final InitialWeights initialWeights;
  private final MemoryBudget memory;

  Submission(
      ModelCatalogue models,
      VersionStore versions,
      ReferencedModels references,
      DatasetPlanner datasets,
      PoolChooser placements,
      InitialWeights initialWeights,
      MemoryBudget memory) {
    this.models = models;
    this.versions = versions;
    this.references = references;
    this.datasets = datasets;
    this.placements = placements;
    this.initialWeights = initialWeights;
    this.memory = memory;
  }

  /**
   * A task, and the model to store with it when the caller sent one.
   *
   * @param newModel the model object, or null when the caller named a stored one
   */
  record Resolved(Task.Training task, @Nullable ModelSpec newModel) {}

  /**
   * Reads, looks up and checks.
   *
   * @throws ServiceException with every fault that was found
   */
  Resolved resolve(JsonNode body) {
    Violations violations = new Violations();
    JobRequest request = JobRequest.read(body, violations);
    JsonNode modelJson = modelJson(request, violations);
    Violations ofModel = new Violations();
    if (modelJson != null) {
      modelJson = references.resolve(modelJson, MODEL, ofModel);
    }
    ModelSpec model =
        modelJson == null || !ofModel.isEmpty()
            ? null
            : SpecReader.model(modelJson, MODEL, ofModel);
    if (model != null && ofModel.isEmpty()) {
      requireTargets(model);
    }
    ModelVersion initial = model == null ? null : initial(request, model, violations);
    Task.Placement placement = placements.of(request, violations);
    DatasetSelection rows = request.rows();
    DataPlan plan =
        model == null || rows == null ? null : plan(model, rows, initial, ofModel, violations);
    List<Warning> warnings = List.of();
    if (model != null && plan != null) {
      warnings = check(model, request, plan, initial, ofModel, violations);
    }
    place(request, ofModel, violations);
    violations.throwIfAny();
    if (model == null || modelJson == null || plan == null) {
      throw new IllegalStateException("a fault was found and not reported");
    }
    var task =
        new Task.Training(
            model.name(),
            datasets.pinned(modelJson),
            resolved(body, model, request, plan, placement),
            Task.Dataset.of(plan.version()),
            placement,
            warnings);
    return new Resolved(task, request.modelObject() == null ? null : model);
  }

  private @Nullable JsonNode modelJson(JobRequest request, Violations violations) {
    String name = request.model();
    if (name == null) {
      return request.modelObject();
    }
    JsonNode stored = models.find(name).map(Model::spec).orElse(null);
    if (stored == null) {
      violations.add(MODEL, "There is no model '" + name + "'");
    }
    return stored;
  }

  private static void requireTargets(ModelSpec model) {
    if (model.targets().isEmpty()) {
      String detail =
          "Model '" + model.name() + "' has no targets: it can be served and nested, not trained";
      throw new ServiceException(
          ErrorCode.NO_TARGETS, detail, List.of(new Violation(MODEL, detail)));
    }
  }

  private @Nullable ModelVersion initial(
      JobRequest request, ModelSpec model, Violations violations) {
    JobRequest.Origin initial = request.initialWeights();
    if (initial == null) {
      return null;
    }
    String name = initial.model() == null ? model.name() : initial.model();
    ModelVersion version = versions.find(name, initial.version()).orElse(null);
    if (version == null) {
      violations.add("/initial_weights", "There is no version " + name + "@" + initial.version());
    }
    return version;
  }

  private @Nullable DataPlan plan(
      ModelSpec model,
      DatasetSelection rows,
      @Nullable ModelVersion initial,
      Violations ofModel,
      Violations violations) {
    Violations found = new Violations();
    Encoding kept = initial == null ? null : initial.learnedEncoding();
    DataPlan plan = null;
    try {
      plan = datasets.plan(model, MODEL, rows, "/dataset", kept, found);
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.INVALID_BODY) {
        throw e;
      }
      found.addAll(e.violations());
    }
    for (Violation violation : found.list()) {
      boolean inModel = violation.pointer().startsWith(MODEL);
      (inModel ? ofModel : violations).add(violation.pointer(), violation.detail());
    }
    return plan;
  }

  private List<Warning> check(
      ModelSpec model,
      JobRequest request,
      DataPlan plan,
      @Nullable ModelVersion initial,
      Violations ofModel,
      Violations violations) {
    NetworkShapes shapes =
        ShapeInference.infer(
            model.network(), plan.encoding().inputShapes(), MODEL + "/network", ofModel);
    TrainingSpec training = request.training();
    var check =
        new TrainingCheck(
            model, shapes, plan.encoding().targetValues(), training, MODEL, "/training");
    Violations found = new Violations();
    check.check(found);
    for (Violation violation : found.list()) {
      boolean inModel = violation.pointer().startsWith(MODEL);
      (inModel ? ofModel : violations).add(violation.pointer(), violation.detail());
    }
    if (training != null) {
      MetricNames measures = MetricNames.of(model, training, plan);
      measures.check(training, request.onSuccess(), violations);
    }
    if (initial != null) {
      initialWeights.check(initial, shapes, violations);
    }
    if (training != null && ofModel.isEmpty() && violations.isEmpty()) {
      memory.check(shapes, plan, training, request.model() == null ? MODEL + "/network" : MODEL);
    }
    return Stream.concat(plan.warnings().stream(), check.warnings().stream()).toList();
  }

  /** Faults of a stored model are placed at its name: the body has nothing below it. */
  private static void place(JobRequest request, Violations ofModel, Violations violations) {
    String name = request.model();
    for (Violation violation : ofModel.list()) {
      String inside = violation.pointer().substring(MODEL.length());
      if (name == null || inside.isEmpty()) {
        violations.add(violation.pointer(), violation.detail());
      } else {
        violations.add(MODEL, "At " + inside + " of model '" + name + "': " + violation.detail());
      }
    }
  }

  private static ObjectNode resolved(
      JsonNode body, ModelSpec model, JobRequest request, DataPlan plan, Task.Placement placement) {
    ObjectNode resolved = (ObjectNode) body.deepCopy();
    resolved.put("model", model.name());
    resolved.set("dataset", plan.selection().toJson());
    TrainingSpec training = request.training();
    long seed =
        training != null && training.seed().isPresent()
            ? training.seed().getAsLong()
            : ThreadLocalRandom.current().nextLong(MAX_SEED);
    ((ObjectNode) resolved.get("training")).put("seed", seed);
    ObjectNode resources = resolved.withObjectProperty("resources");
    resources.put("device", request.resources().device().code());
    resources.put("pool", placement.pool());
    resolved.put("priority", placement.priority());
    SpecReferences.nameInitialModel(resolved, model.name());
    return resolved;
  }
}
