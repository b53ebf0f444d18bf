package io.trainyard.job.sweep;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.Submission;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.check.JobCheck;
import io.trainyard.job.check.JobRequest;
import io.trainyard.job.check.JobRights;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.json.JsonObject;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns the body of a sweep into its trainings. Each trial's job is checked as one that is
 * submitted, so that a sweep that is taken has no trial that would be refused.
 */
@Component
final class SweepCheck {
  /** Makes a sweep less urgent than the least urgent job. */
  private static final int LESS_URGENT = 100;

  private final Submission submission;
  private final JobCheck check;
  private final ModelCatalogue models;
  private final MemoryBudget memory;
  private final SweepTurns turns;
  private final int maxTrainings;

  SweepCheck(
      Submission submission,
      JobCheck check,
      ModelCatalogue models,
      MemoryBudget memory,
      SweepTurns turns,
      SweepProperties properties) {
    this.submission = submission;
    this.check = check;
    this.models = models;
    this.memory = memory;
    this.turns = turns;
    this.maxTrainings = properties.maxTrainings();
  }

  /**
   * A sweep to queue.
   *
   * @param model the model object that is stored with the sweep; null when the body brought none
   */
  record Checked(Task.Sweep task, List<Planned> trainings, @Nullable JsonNode model) {
    Checked {
      trainings = List.copyOf(trainings);
    }
  }

  /** A training of the sweep: of a trial and a fold, both from 1. */
  record Planned(int trial, int fold, JsonNode parameters, TrainingTask task) {}

  /**
   * Checks a sweep with all its trials.
   *
   * @throws ServiceException with all violations; UNAVAILABLE when the check takes too long
   */
  Checked check(JsonNode body) {
    return turns.call(() -> checkNow(body));
  }

  private Checked checkNow(JsonNode body) {
    Violations violations = new Violations();
    SweepRequest given = withTraining(SweepRequest.read(body, violations));
    if (given == null || !violations.isEmpty()) {
      if (given != null) {
        SweepBodies.check(given, violations);
      }
      addFaultsOfJob(body, violations);
      violations.throwIfAny();
    }
    Objects.requireNonNull(given);
    JobRights.require(given.job());
    String name = given.job().path("model").asString("");
    boolean isStored = given.job().path("model").isString();
    JsonNode stored = isStored ? models.find(name).map(Model::spec).orElse(null) : null;
    ObjectNode job = given.job().deepCopy();
    if (stored != null) {
      job.set("model", stored);
    }
    SweepRequest sweep = given.with(job);
    SweepBodies.check(sweep, violations);
    if (!violations.isEmpty()) {
      addFaultsOfJob(body, violations);
      violations.throwIfAny();
    }
    long seed = seed(sweep);
    List<Map<String, JsonNode>> trials = trials(sweep, seed);
    SweepFaults faults = new SweepFaults(sweep, isStored ? name : null);
    List<Submission.Resolved> resolved = new ArrayList<>();
    for (Map<String, JsonNode> values : trials) {
      SweepTurns.requireCaller();
      try {
        ObjectNode trial = SweepBodies.trial(job, sweep, values, seed);
        resolved.add(resolve(trial, sweep, resolved.isEmpty()));
        faults.none();
        if (resolved.size() == 1) {
          checkFinalJob(resolved.getFirst(), given, values, faults);
        }
      } catch (ServiceException e) {
        faults.add(e, values);
      }
      if (faults.areEnough()) {
        break;
      }
    }
    faults.throwIfAny();
    if (sweep.ensemble() > 0) {
      new SweepEnsembleCheck(sweep, resolved, memory).check(violations);
      violations.throwIfAny();
    }
    return checked(
        given, sweep, trials, resolved, seed, isStored ? null : stored(sweep, resolved, seed));
  }

  /**
   * The model object as it is stored: as the caller gave it, where a job of it alone would be
   * taken; else with the values of the first trial, which a parameter may have to give.
   */
  private @Nullable JsonNode stored(
      SweepRequest sweep, List<Submission.Resolved> resolved, long seed) {
    try {
      return submission.resolvePart(SweepBodies.trial(sweep.job(), sweep, Map.of(), seed)).model();
    } catch (ServiceException e) {
      return resolved.getFirst().model();
    }
  }

  /** A recipe needs no training; each trial has one, in which the recipe's is written. */
  private @Nullable SweepRequest withTraining(@Nullable SweepRequest sweep) {
    if (sweep == null || sweep.job().has("training")) {
      return sweep;
    }
    JsonNode model = sweep.job().path("model");
    JsonNode spec =
        model.isString() ? models.find(model.stringValue()).map(Model::spec).orElse(model) : model;
    if (!RecipeSpec.isIn(spec)) {
      return sweep;
    }
    ObjectNode job = sweep.job().deepCopy();
    ObjectNode _ = job.putObject("training");
    return sweep.with(job);
  }

  /** The given one, or a new one; where the seed decides what is in a part, one that allows it. */
  private long seed(SweepRequest sweep) {
    if (sweep.seed().isPresent()) {
      return sweep.seed().getAsLong();
    }
    LongStream drawn = JobCheck.drawSeeds();
    if (!sweep.job().at("/dataset/split/by").asString("").equals("group")) {
      return drawn.findFirst().orElseThrow();
    }
    // The seeds by which the job is valid come last: else a valid sweep was refused by chance.
    long[] seeds = LongStream.concat(drawn, JobCheck.firstSeeds()).toArray();
    for (long seed : seeds) {
      List<Violation> faults = faultsOfLeast(sweep, Map.of(), seed);
      if (faults.stream().noneMatch(each -> each.pointer().startsWith("/dataset"))) {
        return seed;
      }
    }
    return seeds[0];
  }

  /** Adds what is wrong with the job outside of the parameters. */
  private void addFaultsOfJob(JsonNode body, Violations violations) {
    JsonNode job = body.path("job");
    Set<Violation> known = new HashSet<>(violations.list());
    if (job.isObject()) {
      Set<String> parameters = new HashSet<>(body.path("parameters").propertyNames());
      Set<String> set = new HashSet<>(parameters);
      set.removeIf(each -> known.stream().anyMatch(fault -> fault.pointer().equals(place(each))));
      Set<String> open = new HashSet<>(set);
      // The objective chooses the epoch, and the folds are the sweep's.
      open.addAll(List.of("/training/monitor", "/dataset/split/fold", "/on_success"));
      if (body.has("cross_validation")) {
        // They are learned on the rows of all folds, which the job does not have.
        open.addAll(SweepBodies.CERTAINTY);
      }
      for (Violation fault : check.faults(job)) {
        String at = fault.pointer();
        // A parameter, or the sweep, may give what is missing inside, but in an object alone.
        Set<String> inside = job.at(at).isObject() ? open : set;
        boolean free =
            open.stream().noneMatch(each -> (at + "/").startsWith(each + "/"))
                && inside.stream().noneMatch(each -> each.startsWith(at + "/"));
        if (free && known.add(new Violation("/job" + at, fault.detail()))) {
          violations.add("/job" + at, fault.detail());
          String meant =
              JsonObject.meantMember(fault)
                  .map(name -> Violation.pointer(at.substring(0, at.lastIndexOf('/')), name))
                  .orElse(at);
          parameters.stream()
              .filter(each -> (each + "/").startsWith(meant + "/"))
              .forEach(each -> violations.withdraw(place(each)));
        }
      }
    }
  }

  /** Where the faults of a parameter are told. */
  private static String place(String parameter) {
    return Violation.pointer("/parameters", JsonObject.shorten(parameter));
  }

  /**
   * Checks a trial.
   *
   * @param first whether it is the first trial without faults; the folds of the others have the
   *     same rows, unless a parameter changes what a row is
   */
  private Submission.Resolved resolve(ObjectNode body, SweepRequest sweep, boolean first) {
    JsonNode search = body.at("/training/find_learning_rate");
    if (search.isObject() && !search.path("apply").asBoolean(false)) {
      throw ServiceException.invalid(
          "/training/find_learning_rate",
          "A trial must train to be compared: write \"apply\": true, so that it trains with the"
              + " rate found");
    }
    JsonNode diagnostics = body.at("/training/diagnostics");
    for (int i = 0; i < diagnostics.size(); i++) {
      if (diagnostics.get(i).has("frames")) {
        throw ServiceException.invalid(
            "/training/diagnostics/" + i,
            "The frames of all trials would be too much to keep: leave 'frames' out, and train the"
                + " best trial's job with it");
      }
    }
    Submission.Resolved resolved = submission.resolvePart(body);
    boolean rowsDiffer =
        sweep.parameters().keySet().stream()
            .anyMatch(
                each -> each.startsWith("/model/inputs") || each.startsWith("/model/targets"));
    if (first || rowsDiffer) {
      for (int fold = 2; fold <= sweep.folds(); fold++) {
        SweepTurns.requireCaller();
        ((ObjectNode) body.at("/dataset/split/fold")).put("number", fold);
        var _ = submission.resolvePart(body).task();
      }
    }
    return resolved;
  }

  /**
   * The refit has no rows to validate on, so it may lack what the job asks for; how sure it is, it
   * learns on the rows of all folds. The members of an ensemble must be able to answer together.
   */
  private void checkFinalJob(
      Submission.Resolved trial,
      SweepRequest sweep,
      Map<String, JsonNode> values,
      SweepFaults faults) {
    JsonNode request = trial.task().request();
    JsonNode spec = trial.task().spec();
    boolean ensemble = sweep.ensemble() > 0;
    if (!ensemble) {
      ObjectNode refit = FinalJobBody.refit(request, sweep.job(), 1);
      refit.set("model", FinalJobBody.refitSpec(spec, List.of()));
      checkLast(refit, pointer -> !SweepBodies.CERTAINTY.contains(pointer), values, faults);
    }
    if (ensemble || !SweepBodies.certainty(sweep.job()).isEmpty()) {
      ObjectNode members = FinalJobBody.asMembers(request, sweep.job(), sweep.folds());
      members.set("model", spec);
      checkLast(
          members, pointer -> ensemble || SweepBodies.CERTAINTY.contains(pointer), values, faults);
    }
  }

  /** Adds the faults of the last training, of those whose place counts. */
  private void checkLast(
      ObjectNode body, Predicate<String> counts, Map<String, JsonNode> values, SweepFaults faults) {
    try {
      submission.resolvePart(body);
    } catch (ServiceException e) {
      if (e.violations().isEmpty()) {
        throw e;
      }
      List<Violation> counted =
          e.violations().stream().filter(each -> counts.test(each.pointer())).toList();
      if (!counted.isEmpty()) {
        faults.addOfLast(new ServiceException(e.code(), e.detail(), counted), values);
      }
    }
  }

  private List<Map<String, JsonNode>> trials(SweepRequest sweep, long seed) {
    Map<String, SweepParameter> parameters = new LinkedHashMap<>();
    sweep
        .parameters()
        .forEach(
            (pointer, parameter) ->
                parameters.put(pointer, withWholeNumbers(sweep, pointer, parameter, seed)));
    SweepSpace space = new SweepSpace(parameters);
    boolean grid = sweep.trials() == 0;
    long count = grid ? space.gridSize() : sweep.trials();
    int folds = Math.max(1, sweep.folds());
    if (count > maxTrainings / folds) {
      throw ServiceException.invalid(
          grid ? "/parameters" : "/trials",
          "%s trials%s were asked for, at most %d trainings are allowed: %s"
              .formatted(
                  count == Long.MAX_VALUE ? "Too many" : count,
                  folds > 1 ? " of " + folds + " folds" : "",
                  maxTrainings,
                  grid
                      ? "list fewer values, or draw some with \"strategy\": \"random\" and 'trials'"
                      : "ask for fewer"));
    }
    return grid ? space.grid() : space.drawn(sweep.trials(), seed);
  }

  /** A range gives whole numbers where the spec refuses others. */
  private SweepParameter withWholeNumbers(
      SweepRequest sweep, String pointer, SweepParameter parameter, long seed) {
    if (!(parameter instanceof SweepParameter.Range range) || !range.mayBeWhole()) {
      return parameter;
    }
    boolean refusesFractions = isRefused(sweep, pointer, range.fraction(), seed);
    boolean refusesAll = isRefused(sweep, pointer, range.least(), seed);
    return refusesFractions && !refusesAll ? range.asWhole() : range;
  }

  private boolean isRefused(SweepRequest sweep, String pointer, JsonNode value, long seed) {
    return faultsOfLeast(sweep, Map.of(pointer, value), seed).stream()
        .map(Violation::pointer)
        .anyMatch(pointer::equals);
  }

  /** What is wrong with the trial of the least values but these. */
  private List<Violation> faultsOfLeast(
      SweepRequest sweep, Map<String, JsonNode> others, long seed) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    sweep.parameters().forEach((name, parameter) -> values.put(name, parameter.least()));
    values.putAll(others);
    SweepTurns.requireCaller();
    try {
      return check.validate(SweepBodies.trial(sweep.job(), sweep, values, seed)).errors();
    } catch (ServiceException e) {
      return List.of(); // the check of the trials says what is wrong
    }
  }

  private static Checked checked(
      SweepRequest given,
      SweepRequest sweep,
      List<Map<String, JsonNode>> trials,
      List<Submission.Resolved> resolved,
      long seed,
      @Nullable JsonNode stored) {
    TrainingTask first = resolved.getFirst().task();
    int wanted = given.job().path("priority").asInt(0) - LESS_URGENT;
    int priority = Math.max(wanted, -JobRequest.MAX_PRIORITY);
    var placement = new Task.Placement(first.placement().pool(), priority);
    List<Planned> trainings = new ArrayList<>();
    for (int trial = 0; trial < resolved.size(); trial++) {
      TrainingTask task = resolved.get(trial).task();
      JsonNode parameters = parameters(trials.get(trial));
      for (int fold = 1; fold <= Math.max(1, sweep.folds()); fold++) {
        trainings.add(
            new Planned(trial + 1, fold, parameters, ofFold(task, placement, fold, sweep)));
      }
    }
    var task =
        new Task.Sweep(
            first.model(),
            first.spec(),
            given.toJson(
                seed,
                job(given, first.request()),
                resolved.getFirst().bestRises(),
                resolved.stream().mapToLong(Submission.Resolved::memory).max().orElse(0)),
            first.dataset(),
            placement,
            first.warnings().stream()
                .map(each -> new Warning("/job" + each.pointer(), each.code(), each.detail()))
                .toList());
    return new Checked(task, trainings, stored);
  }

  /** The job of the sweep with its versions, seed and pool. */
  private static ObjectNode job(SweepRequest sweep, JsonNode resolved) {
    ObjectNode job = sweep.job().deepCopy();
    JsonNode epochs = resolved.at("/training/epochs");
    if (sweep.strategy() == SweepRequest.Strategy.HALVING
        && !job.path("training").has("epochs")
        && epochs.isNumber()) {
      // A recipe's: the rungs are shares of them.
      ((ObjectNode) job.get("training")).set("epochs", epochs);
    }
    ((ObjectNode) job.get("dataset")).set("version", resolved.at("/dataset/version"));
    ((ObjectNode) job.get("training")).set("seed", resolved.at("/training/seed"));
    ObjectNode resources = job.withObjectProperty("resources");
    resources.set("pool", resolved.at("/resources/pool"));
    resources.set("device", resolved.at("/resources/device"));
    return job;
  }

  private static ObjectNode parameters(Map<String, JsonNode> values) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    values.forEach(json::set);
    return json;
  }

  private static TrainingTask ofFold(
      TrainingTask task, Task.Placement placement, int fold, SweepRequest sweep) {
    ObjectNode request = (ObjectNode) task.request().deepCopy();
    request.put("priority", placement.priority());
    if (sweep.folds() > 0) {
      ((ObjectNode) request.at("/dataset/split/fold")).put("number", fold);
    }
    return new TrainingTask(
        task.model(), task.spec(), request, task.dataset(), placement, task.warnings());
  }
}
