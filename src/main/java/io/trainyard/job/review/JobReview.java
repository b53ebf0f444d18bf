package io.trainyard.job.review;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.review.ResolvedModel;
import io.trainyard.model.review.SpecReview;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Reads the body of a submission, looks up the names in it, and checks everything that can be known
 * before training. It gathers all violations before it refuses a job.
 */
@Component
public final class JobReview {
  private static final String MODEL = "/model";

  private final ModelCatalogue models;
  private final ReferencedModels references;
  private final DatasetPlanner datasets;
  private final PoolChooser pools;
  private final InitialWeights initialWeights;
  private final JobLimits limits;

  JobReview(
      ModelCatalogue models,
      ReferencedModels references,
      DatasetPlanner datasets,
      PoolChooser pools,
      InitialWeights initialWeights,
      JobLimits limits) {
    this.models = models;
    this.references = references;
    this.datasets = datasets;
    this.pools = pools;
    this.initialWeights = initialWeights;
    this.limits = limits;
  }

  /**
   * A job without violations.
   *
   * @param spec the model object, in which all references name versions by number
   * @param pool the worker pool that the job waits in
   */
  public record Reviewed(
      JobRequest request,
      ModelSpec model,
      JsonNode spec,
      TrainingSpec training,
      DataPlan plan,
      String pool,
      List<Warning> warnings) {
    public Reviewed {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reviews a job.
   *
   * @throws ServiceException with all violations
   */
  public Reviewed review(JsonNode body) {
    Violations violations = new Violations();
    Violations ofModel = new Violations();
    JobRequest request = JobRequest.read(body, violations);
    JsonNode given = spec(request, violations);
    ResolvedModel resolved =
        given == null ? null : ResolvedModel.read(given, MODEL, references, ofModel);
    ModelSpec model = resolved == null ? null : resolved.spec();
    if (model != null && ofModel.isEmpty()) {
      requireTargets(model);
    }
    ModelVersion initial =
        model == null ? null : initialWeights.find(request, model.name(), violations);
    String pool = pools.choose(request.resources(), violations);
    DatasetSelection rows = request.rows();
    DataPlan plan =
        model == null || rows == null ? null : plan(model, rows, initial, ofModel, violations);
    List<Warning> warnings =
        model == null || plan == null
            ? List.of()
            : check(model, request, plan, initial, pool, ofModel, violations);
    addModelViolations(request, ofModel, violations);
    violations.throwIfAny();
    TrainingSpec training = request.training();
    if (resolved == null || model == null || plan == null || training == null) {
      throw new IllegalStateException("a violation was found and not reported");
    }
    return new Reviewed(request, model, resolved.json(), training, plan, pool, warnings);
  }

  private @Nullable JsonNode spec(JobRequest request, Violations violations) {
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

  private @Nullable DataPlan plan(
      ModelSpec model,
      DatasetSelection rows,
      @Nullable ModelVersion initial,
      Violations ofModel,
      Violations violations) {
    Violations found = new Violations();
    Encoding inherited = initial == null ? null : initial.learnedEncoding();
    DataPlan plan = datasets.plan(model, rows, inherited, found);
    divide(found, ofModel, violations);
    return plan;
  }

  private List<Warning> check(
      ModelSpec model,
      JobRequest request,
      DataPlan plan,
      @Nullable ModelVersion initial,
      String pool,
      Violations ofModel,
      Violations violations) {
    TrainingSpec training = request.training();
    Violations found = new Violations();
    SpecReview review = SpecReview.of(model, MODEL, plan.encoding(), training, found);
    divide(found, ofModel, violations);
    if (training != null) {
      MetricNames.of(model, training, plan).check(training, request.onSuccess(), violations);
    }
    if (initial != null) {
      initialWeights.check(initial, review.shapes(), violations);
    }
    if (training != null && ofModel.isEmpty() && violations.isEmpty()) {
      String network = request.model() == null ? MODEL + "/network" : MODEL;
      var cost = new JobLimits.Cost(review.shapes(), training, plan, network);
      limits.check(cost, pool, violations);
    }
    return Stream.concat(plan.warnings().stream(), review.warnings().stream()).toList();
  }

  private static void divide(Violations found, Violations ofModel, Violations others) {
    for (Violation violation : found.list()) {
      boolean inModel = violation.pointer().startsWith(MODEL);
      (inModel ? ofModel : others).add(violation.pointer(), violation.detail());
    }
  }

  /** A stored model's violations point at its name: the body has nothing below it. */
  private static void addModelViolations(
      JobRequest request, Violations ofModel, Violations violations) {
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
}
