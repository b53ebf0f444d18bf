package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.DatasetPlanner.Planned;
import io.trainyard.dataset.prepare.FirstRows;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.frame.FrameGrid;
import io.trainyard.json.JsonObject;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.check.ModelCheck;
import io.trainyard.model.check.ResolvedModel;
import io.trainyard.predict.Rehearsal;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReader.ReadModel;
import io.trainyard.spec.Summary;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.phase.PhaseFaults;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.recipe.RecipeSpec;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.FramesSpec;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the body of a submission, looks up the names in it, and checks everything that can be known
 * before training. Validation and submission run the same checks in the same order, and gather all
 * violations.
 */
@Component
public final class JobCheck {
  private static final String MODEL = "/model";

  /** Every JSON reader keeps seeds below this bound exact. */
  private static final long MAX_SEED = 1L << 53;

  /** The seeds that are tried where the seed decides whether a split is possible. */
  private static final int MAX_SEEDS = 8;

  private final ModelCatalogue models;
  private final ReferencedModels references;
  private final DatasetPlanner datasets;
  private final PoolChooser pools;
  private final InitialWeights initialWeights;
  private final JobLimits limits;
  private final ContinuedJobs continued;
  private final Rehearsal rehearsal;

  JobCheck(
      ModelCatalogue models,
      ReferencedModels references,
      DatasetPlanner datasets,
      PoolChooser pools,
      InitialWeights initialWeights,
      JobLimits limits,
      ContinuedJobs continued,
      Rehearsal rehearsal) {
    this.models = models;
    this.references = references;
    this.datasets = datasets;
    this.pools = pools;
    this.initialWeights = initialWeights;
    this.limits = limits;
    this.continued = continued;
    this.rehearsal = rehearsal;
  }

  /**
   * The check of a body that may have less than a job.
   *
   * @param summary null when the model cannot be read
   * @param model the model object, with what its references name and its recipe makes of the rows;
   *     null when the body has none
   * @param training the training, with what the recipe adds; null when there is none
   */
  public record Validation(
      List<Violation> errors,
      List<Warning> warnings,
      @Nullable Summary summary,
      @Nullable JsonNode model,
      @Nullable JsonNode training) {
    public Validation {
      errors = List.copyOf(errors);
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * A job without violations.
   *
   * @param body in which a recipe is written out
   * @param stored the model object that the body brings, as it is stored with the model, in which
   *     all references name versions by number; null when the body names a model
   * @param spec the same with what follows from the data: the vocabularies
   * @param hasRecipe whether a recipe wrote the spec
   * @param initial the version that it starts from; null for none
   * @param seed the given one, or that of the job it goes on from, or a new one
   * @param pool the worker pool that the job waits in
   * @param bestRises whether a larger value is better of what chooses the best epoch
   * @param memory the bytes that it needs
   * @param shapes of its network on these rows
   */
  public record Checked(
      JsonNode body,
      JobRequest request,
      ModelSpec model,
      @Nullable JsonNode stored,
      JsonNode spec,
      boolean hasRecipe,
      DataPlan plan,
      @Nullable ModelVersion initial,
      long seed,
      String pool,
      boolean bestRises,
      long memory,
      NetworkShapes shapes,
      List<Warning> warnings) {
    public Checked {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Checks a body of which only the model is required.
   *
   * @throws ServiceException INVALID_BODY when the body is no object
   */
  public Validation validate(JsonNode body) {
    Findings found = find(body, false);
    if (!found.request().isObject()) {
      found.violations().throwIfAny();
    }
    JobRights.check(body, found.violations());
    List<Warning> warnings = new ArrayList<>(found.warnings());
    if (found.violations().isPartial()) {
      warnings.add(
          new Warning(
              "",
              "more_errors",
              "There may be more errors than those listed: mend these and validate again"));
    }
    return new Validation(
        found.violations().list(),
        warnings,
        found.check().summary(),
        found.model().json().isEmpty() ? null : found.model().json(),
        found.body().has("training") ? found.body().get("training") : body.get("training"));
  }

  /**
   * Checks a job.
   *
   * @throws ServiceException with all violations
   */
  public Checked check(JsonNode body) {
    Findings found = find(body, true);
    found.violations().throwIfAny(found.code());
    ModelCheck check = found.check();
    JobRequest request = found.request();
    TrainingSpec training = request.training();
    DataPlan plan = check.plan();
    if (plan == null || training == null) {
      throw new IllegalStateException("a violation was found and not reported");
    }
    return new Checked(
        found.body(),
        request,
        found.model().spec(),
        request.modelObject() == null ? null : found.stored(),
        found.model().json(),
        RecipeSpec.isIn(found.stored()),
        plan,
        found.initial(),
        found.seed(),
        found.pool(),
        MetricNames.of(
                published(training, check), parts(request, check), training.optimizer().reported())
            .rises(training.bestBy()),
        limits.memory(cost(found.model().spec(), request, check, found.whole(), training)),
        check.shapes(),
        found.warnings());
  }

  /** All that {@link #check(JsonNode)} would refuse a job for. */
  public List<Violation> faults(JsonNode body) {
    return find(body, true).violations().list();
  }

  /** The metrics of the training, or of the final phase, whose weights are published. */
  private static Map<String, List<MetricSpec>> published(TrainingSpec training, ModelCheck check) {
    List<Phase> phases = training.phases().list();
    String name = phases.isEmpty() ? "" : phases.getLast().name();
    return check.metrics().getOrDefault(name, Map.of());
  }

  /**
   * All that a check found.
   *
   * @param body in which a recipe is written out
   * @param stored the model object before its recipe was written out and its vocabularies known
   * @param whole the rows of all members of an ensemble together; those of the check without one
   * @param code of the answer that refuses the job
   */
  private record Findings(
      JsonNode body,
      JobRequest request,
      JsonNode stored,
      ResolvedModel model,
      @Nullable ModelVersion initial,
      long seed,
      String pool,
      ModelCheck check,
      @Nullable DataPlan whole,
      List<Warning> warnings,
      Violations violations,
      ErrorCode code) {}

  /**
   * Runs all checks.
   *
   * @param complete whether the body must have all that a job needs
   */
  private Findings find(JsonNode body, boolean complete) {
    Findings found = findOnce(body, complete);
    if (!found.violations().isEmpty()) {
      RepairedBodies.complete(
          body, found.violations(), repaired -> findOnce(repaired, complete).violations().list());
    }
    return found;
  }

  private Findings findOnce(JsonNode body, boolean complete) {
    Violations violations = new Violations();
    ExpandedBody expanded = ExpandedBody.of(body, givenModel(body), datasets);
    JobRequest request = JobRequest.read(expanded.body(), violations).inFolds(violations);
    if (complete) {
      request.requireAll(expanded.hasRecipe(), violations);
    }
    Violations ofModel = new Violations();
    ResolvedModel model = model(request, ofModel, violations);
    JsonNode stored = model.json();
    for (Violation fault : expanded.faults()) {
      add(fault.pointer().startsWith(MODEL) ? ofModel : violations, fault);
    }
    if (expanded.model() != null) {
      model = ResolvedModel.of(expanded.model(), MODEL, references, ofModel);
    }
    boolean hasTargets = !model.read().targetsAreRead() || !model.spec().targets().isEmpty();
    boolean untrainable = !hasTargets && (complete || request.hasTraining());
    if (untrainable) {
      ofModel.add(
          MODEL + "/targets",
          "Model '%s' has no targets: it can be served and nested, not trained"
              .formatted(model.spec().name()));
    }
    ModelVersion initial = initialWeights.find(request, model.spec().name(), violations);
    String pool = pools.choose(request.resources(), violations);
    Violations found = new Violations();
    long seed = untrainable ? 0 : seed(model.read(), initial, request, complete);
    Planned planned =
        untrainable ? Planned.NONE : plan(model.read(), initial, request, seed, found);
    model = model.withVocabularies(planned.vocabularies());
    if (planned.plan() != null) {
      checkFolds(model.read(), request, seed, found);
    }
    ModelCheck check = check(model.read(), planned, request, found);
    DataPlan whole = whole(model.read(), check.plan(), request, seed);
    long ofMembers = whole == null ? 0 : whole.trainingRows();
    for (Violation violation : found.list()) {
      boolean inModel = violation.pointer().startsWith(MODEL);
      (inModel ? ofModel : violations).add(pointer(violation, request), violation.detail());
    }
    if (!untrainable) {
      checkMeasured(model.read(), check, request, violations);
      if (request.training() != null) {
        checkClassWeights(model.spec(), planned.encoding(), request.training(), violations);
        // A wrong ensemble may be one of folds, each of which validates.
        if (violations.list().stream().noneMatch(JobCheck::isOfEnsemble)) {
          ThresholdCheck.check(model.spec(), MODEL, request.rows(), request.training(), ofModel);
          CertaintyRows.check(
              request.training(), request.rows(), check.plan(), ofMembers, violations);
        }
      }
    }
    checkFrames(model.spec(), check, request, violations);
    boolean fits = violations.isEmpty() && ofModel.isEmpty();
    if (fits && initial != null && check.shapes().isWholeOf(model.spec().network())) {
      initialWeights.check(initial, check.shapes(), violations);
      initialWeights.checkContinued(
          request, model.spec(), expanded.body().path("training"), violations);
    }
    boolean tooLarge =
        fits
            && violations.isEmpty()
            && isTooLarge(model.read().spec(), request, check, whole, pool, violations);
    if (fits && violations.isEmpty()) {
      rehearse(model.spec(), check, request, ofModel);
    }
    List<Warning> warnings = new ArrayList<>(expanded.warnings());
    warnings.addAll(check.warnings());
    DataPlan plan = check.plan();
    if (plan != null && violations.isEmpty() && ofModel.isEmpty()) {
      boolean isLinear = isPerceptron(model.spec(), request.training());
      warnings.addAll(datasets.rowWarnings(plan, seed, isLinear));
      if (request.training() != null) {
        warnings.addAll(CertaintyRows.warnings(request.training(), plan, ofMembers));
      }
    }
    addModelViolations(request, ofModel, violations);
    if (expanded.model() != null) {
      JsonNode given = request.model() == null ? body : withModel(body, stored);
      Violations placed = new Violations();
      violations.list().forEach(fault -> add(placed, ExpandedBody.placed(given, fault)));
      violations = placed;
      warnings.replaceAll(warning -> ExpandedBody.placed(given, warning));
    }
    ErrorCode code =
        untrainable
            ? ErrorCode.NO_TARGETS
            : tooLarge ? ErrorCode.TOO_MUCH_MEMORY : ErrorCode.INVALID_BODY;
    return new Findings(
        expanded.body(),
        request,
        stored,
        model,
        initial,
        seed,
        pool,
        check,
        whole,
        warnings,
        violations,
        code);
  }

  private static boolean isOfEnsemble(Violation fault) {
    return fault.pointer().startsWith("/training/ensemble");
  }

  /** Whether the perceptron rule trains the only layer, which draws a line through the inputs. */
  private static boolean isPerceptron(ModelSpec model, @Nullable TrainingSpec training) {
    return training != null
        && training.optimizer().learnsFromErrors()
        && model.network().layers().size() == 1;
  }

  private static void add(Violations violations, Violation fault) {
    violations.add(fault.pointer(), fault.detail());
  }

  private static JsonNode withModel(JsonNode body, JsonNode model) {
    ObjectNode whole = (ObjectNode) body.deepCopy();
    whole.set("model", model);
    return whole;
  }

  /** The body's model object, or the stored one that it names; null for neither. */
  private @Nullable JsonNode givenModel(JsonNode body) {
    JsonNode model = body.path("model");
    return model.isString()
        ? models.find(model.stringValue()).map(Model::spec).orElse(null)
        : model.isObject() ? model : null;
  }

  private ResolvedModel model(JobRequest request, Violations ofModel, Violations violations) {
    String name = request.model();
    JsonNode given =
        name == null ? request.modelObject() : models.find(name).map(Model::spec).orElse(null);
    if (given != null) {
      return ResolvedModel.of(given, MODEL, references, ofModel);
    }
    if (name != null) {
      violations.add(MODEL, "There is no model '" + JsonObject.shorten(name) + "'");
    }
    return ResolvedModel.NONE;
  }

  /**
   * The given one, or that of the job it goes on from. A body that has none is validated with 0; a
   * job gets a new one, which is recorded. Where some seeds leave a part without windows, another
   * one is taken: such a body is valid if one of the first seeds is, whatever is drawn for the job.
   */
  private long seed(
      ReadModel model, @Nullable ModelVersion initial, JobRequest request, boolean complete) {
    OptionalLong given =
        request.training() == null ? OptionalLong.empty() : request.training().seed();
    if (given.isEmpty()) {
      given = continued.seed(request);
    }
    if (given.isPresent()) {
      return given.getAsLong();
    }
    LongStream drawn = drawSeeds();
    if (!decidesOnWindows(model, request)) {
      return complete ? drawn.findFirst().orElseThrow() : 0;
    }
    OptionalLong possible = seed(firstSeeds(), model, initial, request);
    if (complete && possible.isPresent()) {
      return seed(drawn, model, initial, request).orElse(possible.getAsLong());
    }
    return possible.orElse(0);
  }

  /** The seeds of which one must allow a split; a body without a seed is valid by them. */
  public static LongStream firstSeeds() {
    return LongStream.range(0, MAX_SEEDS);
  }

  /** New seeds to try, where the seed decides whether a split is possible. */
  public static LongStream drawSeeds() {
    return ThreadLocalRandom.current().longs(MAX_SEEDS, 0, MAX_SEED);
  }

  /** The first seed whose split is possible; empty too when something else is wrong. */
  private OptionalLong seed(
      LongStream seeds, ReadModel model, @Nullable ModelVersion initial, JobRequest request) {
    for (long seed : seeds.toArray()) {
      Violations found = new Violations();
      Preparation asked = preparation(model, initial, request, seed, found);
      if (asked != null && datasets.plan(asked, found) != null) {
        checkFolds(model, request, seed, found);
        if (found.isEmpty()) {
          return OptionalLong.of(seed);
        }
      }
      if (found.list().stream().anyMatch(each -> !each.pointer().startsWith("/dataset"))) {
        break;
      }
    }
    return OptionalLong.empty();
  }

  /** Whether the seed decides which groups are in a part, and so how many windows it has. */
  private static boolean decidesOnWindows(ReadModel model, JobRequest request) {
    DatasetSelection rows = request.rows();
    return rows != null
        && rows.split().by() == SplitSpec.By.GROUP
        && model.spec().inputs().values().stream().anyMatch(input -> input.window() != null);
  }

  private Planned plan(
      ReadModel model,
      @Nullable ModelVersion initial,
      JobRequest request,
      long seed,
      Violations violations) {
    Preparation asked = preparation(model, initial, request, seed, violations);
    return asked == null ? Planned.NONE : datasets.check(asked, violations);
  }

  private static @Nullable Preparation preparation(
      ReadModel model,
      @Nullable ModelVersion initial,
      JobRequest request,
      long seed,
      Violations violations) {
    DatasetSelection rows = request.rows();
    if (rows == null) {
      return null;
    }
    if (model.isComplete() && model.spec().takesRawTensors()) {
      violations.add(
          "/dataset", "A model without 'inputs' takes tensors and cannot read a dataset");
      return null;
    }
    Encoding inherited = initial == null ? null : initial.learnedEncoding();
    TrainingSpec training = request.training();
    String sampleWeight = training == null ? null : training.rowWeights().column();
    return new Preparation(model.spec(), rows, inherited, sampleWeight, seed, Tolerance.NONE);
  }

  /** The rows of all members together, where an ensemble has folds; else the given ones. */
  private @Nullable DataPlan whole(
      ReadModel model, @Nullable DataPlan plan, JobRequest request, long seed) {
    Ensemble ensemble = request.training() == null ? null : request.training().ensemble();
    if (plan == null || ensemble == null || !ensemble.hasFolds()) {
      return plan;
    }
    return plan(model, request.inFold(new FoldSpec(0, ensemble.members())), seed, new Violations());
  }

  /** Without warnings: some need a pass over the rows. */
  private @Nullable DataPlan plan(
      ReadModel model, JobRequest request, long seed, Violations violations) {
    Preparation asked = preparation(model, null, request, seed, violations);
    return asked == null ? null : datasets.plan(asked, violations);
  }

  /** The folds behind the first; what is wrong with one is the fault of their number. */
  private void checkFolds(ReadModel model, JobRequest request, long seed, Violations violations) {
    Ensemble ensemble = request.training() == null ? null : request.training().ensemble();
    DatasetSelection rows = request.rows();
    if (ensemble == null || !ensemble.hasFolds() || rows == null) {
      return;
    }
    DataPlan parts =
        rows.split().by() == SplitSpec.By.COLUMN
            ? plan(model, request.inFold(null), seed, new Violations())
            : null;
    if (parts != null && parts.validationRows() > 0) {
      violations.add(
          "/dataset/split/column",
          "'ensemble' has folds, of which each member validates on one, and this column names %d rows for validation: name them for training, or leave them out with 'where'"
              .formatted(parts.validationRows()));
      return;
    }
    boolean even =
        rows.split().by() != SplitSpec.By.GROUP
            && model.spec().inputs().values().stream().allMatch(each -> each.window() == null);
    // Where rows are dealt in turn, the last fold has the fewest.
    for (int fold = even ? ensemble.members() : 2; fold <= ensemble.members(); fold++) {
      Violations found = new Violations();
      JobRequest own = request.inFold(new FoldSpec(fold, ensemble.members()));
      var _ = plan(model, own, seed, found);
      for (Violation each : found.list()) {
        violations.add(each.pointer(), each.detail());
      }
      if (!found.isEmpty()) {
        return;
      }
    }
  }

  /** The pointer of a fault, which is that of the ensemble where the check chose the fold. */
  private static String pointer(Violation fault, JobRequest request) {
    Ensemble ensemble = request.training() == null ? null : request.training().ensemble();
    return ensemble != null && fault.pointer().startsWith("/dataset/split/fold")
        ? "/training/ensemble/" + ensemble.member()
        : fault.pointer();
  }

  private static ModelCheck check(
      ReadModel model, Planned planned, JobRequest request, Violations violations) {
    return planned.encoding() == null
        ? ModelCheck.withoutData(model, MODEL, request.training(), request.hasRows(), violations)
        : ModelCheck.withData(model, MODEL, planned, request.training(), violations);
  }

  private static void checkMeasured(
      ReadModel model, ModelCheck check, JobRequest request, Violations violations) {
    TrainingSpec training = request.training();
    boolean rowsAreKnown = !request.hasRows() || request.rows() != null;
    OnSuccess onSuccess = request.onSuccess();
    if (training != null && training.publishesNothing() && onSuccess != null) {
      violations.add(
          "/on_success",
          "find_learning_rate publishes no version for an alias: leave on_success out, or write"
              + " \"find_learning_rate\": {\"apply\": true} to train with the rate found");
      return;
    }
    if (training != null && request.trainingIsRead() && model.targetsAreRead() && rowsAreKnown) {
      if (training.phases().isEmpty()) {
        MetricNames.of(
                published(training, check), parts(request, check), training.optimizer().reported())
            .check(training, request.onSuccess(), violations);
        return;
      }
      PhaseFaults faults = new PhaseFaults(training.phases());
      Phase last = training.phases().list().getLast();
      for (Phase phase : training.phases().list()) {
        Map<String, List<MetricSpec>> metrics = check.metrics().get(phase.name());
        if (metrics != null) {
          Violations found = new Violations();
          MetricNames.of(metrics, parts(request, check), phase.training().optimizer().reported())
              .check(phase.training(), phase.equals(last) ? request.onSuccess() : null, found);
          faults.add(phase, found);
        }
      }
      faults.addTo(violations);
    }
  }

  private static MetricNames.Parts parts(JobRequest request, ModelCheck check) {
    return MetricNames.Parts.of(request.rows(), check.plan());
  }

  private static void checkClassWeights(
      ModelSpec model, @Nullable Encoding encoding, TrainingSpec training, Violations violations) {
    if (training.phases().isEmpty()) {
      ClassWeightCheck.check(model, encoding, training, violations);
      return;
    }
    PhaseFaults faults = new PhaseFaults(training.phases());
    for (Phase phase : training.phases().list()) {
      PhaseModel own = PhaseModel.of(model, phase, new Violations());
      if (own != null) {
        Violations found = new Violations();
        Encoding ofPhase = encoding == null ? null : encoding.of(own.model().targets());
        ClassWeightCheck.check(own.model(), ofPhase, own.training(), found);
        faults.add(phase, found);
      }
    }
    faults.addTo(violations);
  }

  /** Whether the network can be asked over the two columns of its frames. */
  private void checkFrames(
      ModelSpec model, ModelCheck check, JobRequest request, Violations violations) {
    DataPlan plan = check.plan();
    FramesSpec frames = request.training() == null ? null : request.training().frames();
    if (plan == null || frames == null || !check.shapes().isWholeOf(model.network())) {
      return;
    }
    FirstRows first = datasets.firstRows(plan);
    Encoding encoding = first == null ? plan.encoding() : first.encoding();
    FrameGrid grid =
        FrameGrid.of(frames, model, encoding, check.shapes(), plan.version(), violations);
    if (grid != null && first != null) {
      grid.check(frames, violations);
    }
  }

  /** Predicts the first rows as the version that the job publishes will have to. */
  private void rehearse(ModelSpec model, ModelCheck check, JobRequest request, Violations ofModel) {
    DataPlan plan = check.plan();
    TrainingSpec training = request.training();
    if (plan == null || training == null || model.network().isForeign()) {
      return;
    }
    RawTargets.mark(plan.encoding(), model, training, check.shapes())
        .targets()
        .forEach(
            (name, target) -> {
              boolean raw =
                  target instanceof TargetEncoding.RawTarget(var _, var _, boolean survival)
                      && !survival;
              if (raw && model.target(name).clip() != TargetSpec.Clip.NONE) {
                ofModel.add(
                    Violation.pointer(MODEL + "/targets", name) + "/clip",
                    "The loss compares '%s' with an output of another shape, which is predicted as it is: leave 'clip' out"
                        .formatted(name));
              }
            });
    FirstRows first = datasets.firstRows(plan);
    if (first != null) {
      Encoding encoding = RawTargets.mark(first.encoding(), model, training, check.shapes());
      Violation fault =
          rehearsal.fault(
              new VersionDefinition(model, encoding, check.shapes()), first.instances());
      if (fault != null) {
        ofModel.add(MODEL + fault.pointer(), fault.detail());
      }
    }
  }

  /** Whether the job needs too much memory; a violation says so, as for too long a step. */
  private boolean isTooLarge(
      ModelSpec model,
      JobRequest request,
      ModelCheck check,
      @Nullable DataPlan whole,
      String pool,
      Violations violations) {
    TrainingSpec training = request.training();
    if (training == null) {
      return false;
    }
    return limits.isTooLarge(cost(model, request, check, whole, training), pool, violations);
  }

  private static JobLimits.Cost cost(
      ModelSpec model,
      JobRequest request,
      ModelCheck check,
      @Nullable DataPlan whole,
      TrainingSpec training) {
    String network = request.model() == null ? MODEL + "/network" : MODEL;
    return new JobLimits.Cost(model, check.shapes(), training, whole, network);
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
