package io.trainyard.job.sweep;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.label.LabelPatch;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a sweep; its job is not read yet.
 *
 * @param job the body of a submission, which the parameters change
 * @param parameters by JSON pointer into the job
 * @param given the parameters as the caller wrote them
 * @param trials the number of random trials; 0: not given
 * @param folds of the cross-validation; 0: none
 * @param objective the value of an epoch that trials are compared by
 * @param ensemble the most trials of the ensemble that it ends in; 0: it ends in a refit
 * @param labels the description and the tags of the sweep; its trainings have those of the job
 */
record SweepRequest(
    ObjectNode job,
    Map<String, SweepParameter> parameters,
    JsonNode given,
    Strategy strategy,
    int trials,
    OptionalLong seed,
    int folds,
    String objective,
    int ensemble,
    ObjectNode labels) {
  private static final int MAX_ENSEMBLE = 100;
  private static final int MAX_PARAMETERS = 20;
  private static final int MAX_TRIALS = 100_000;
  private static final long MAX_SEED = 1L << 53;

  enum Strategy {
    /** Every combination of the listed values. */
    GRID,
    /** Values drawn at random. */
    RANDOM,
    /** Short trainings of all trials, longer ones of the best third, and so on. */
    HALVING
  }

  /** Reads a body as far as that can be done; null, with a violation, without a job. */
  static @Nullable SweepRequest read(JsonNode body, Violations violations) {
    JsonObject members = JsonObject.of(body, "", violations);
    JsonNode job = members.get("job");
    if (job == null || !job.isObject()) {
      members.violate(
          "job", "'job' is required: the body of a job, as for POST to the jobs themselves");
    }
    Map<String, SweepParameter> parameters = parameters(members);
    Strategy strategy = members.choice("strategy", Strategy.GRID);
    int trials = members.integer("trials", 0, 1, MAX_TRIALS);
    long seed = members.integer("seed", -1L, 0, MAX_SEED);
    int folds = members.integer("cross_validation", 0, 2, FoldSpec.MAX);
    String objective = members.text("objective", "val_loss");
    int ensemble = ensemble(members);
    ObjectNode labels = labels(members);
    members.finish();
    boolean ranges = parameters.values().stream().anyMatch(SweepParameter.Range.class::isInstance);
    if (strategy == Strategy.GRID && members.has("trials")) {
      members.violate(
          "trials",
          "A grid tries every combination; leave 'trials' out, or use the strategy 'random'");
    }
    if (strategy == Strategy.RANDOM && !members.has("trials")) {
      members.violate("trials", "'trials' is required for the strategy 'random': how many to draw");
    }
    if (strategy == Strategy.HALVING && ranges && !members.has("trials")) {
      members.violate(
          "trials", "'trials' is required where a parameter is a range: how many to draw");
    }
    if (strategy == Strategy.GRID) {
      parameters.forEach(
          (pointer, parameter) -> {
            if (parameter instanceof SweepParameter.Range) {
              violations.add(
                  Violation.pointer("/parameters", pointer),
                  "A grid takes a list of values; for a range use the strategy 'random' or"
                      + " 'halving'");
            }
          });
    }
    if (!(job instanceof ObjectNode given)) {
      return null;
    }
    return new SweepRequest(
        given.deepCopy(),
        parameters,
        body.get("parameters"),
        strategy,
        trials,
        seed < 0 ? OptionalLong.empty() : OptionalLong.of(seed),
        folds,
        objective,
        ensemble,
        labels);
  }

  private static ObjectNode labels(JsonObject members) {
    LabelPatch.check(members);
    ObjectNode labels = JsonNodeFactory.instance.objectNode();
    for (String name : LabelPatch.CREATED) {
      if (members.has(name)) {
        labels.set(name, members.get(name));
      }
    }
    return labels;
  }

  private static int ensemble(JsonObject members) {
    JsonObject ensemble = members.object("ensemble");
    if (ensemble == null) {
      return 0;
    }
    int size = ensemble.requiredInteger("size", 1, MAX_ENSEMBLE);
    ensemble.finish();
    return size;
  }

  private static Map<String, SweepParameter> parameters(JsonObject members) {
    Map<String, SweepParameter> parameters = new LinkedHashMap<>();
    JsonNode json = members.get("parameters");
    if (json == null) {
      members.violate(
          "parameters",
          "'parameters' is required: {\"/training/optimizer/learning_rate\": [0.01, 0.1]}, or {}"
              + " for cross-validation alone");
      return parameters;
    }
    JsonObject named = JsonObject.of(json, "/parameters", members.violations());
    if (named.names().size() > MAX_PARAMETERS) {
      members.violate(
          "parameters",
          "At most " + MAX_PARAMETERS + " parameters were expected, got " + named.names().size());
      return parameters;
    }
    for (String pointer : named.names()) {
      SweepParameter parameter = SweepParameter.read(named, pointer);
      if (parameter != null) {
        parameters.put(pointer, parameter);
      }
    }
    return parameters;
  }

  /** The same with the model object in place of its name. */
  SweepRequest with(ObjectNode other) {
    return new SweepRequest(
        other, parameters, given, strategy, trials, seed, folds, objective, ensemble, labels);
  }

  /**
   * The sweep with all that was drawn, as it is stored.
   *
   * @param resolved the job
   * @param rises whether a larger objective is better
   */
  ObjectNode toJson(long drawn, ObjectNode resolved, boolean rises, long memory) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("job", resolved);
    json.set("parameters", given);
    json.put("strategy", strategy.name().toLowerCase(Locale.ROOT));
    if (trials > 0) {
      json.put("trials", trials);
    }
    json.put("seed", drawn);
    if (folds > 0) {
      json.put("cross_validation", folds);
    }
    json.put("objective", objective);
    if (ensemble > 0) {
      json.putObject("ensemble").put("size", ensemble);
    }
    json.setAll(labels);
    json.put("direction", rises ? "max" : "min");
    json.put("training_memory_bytes", memory);
    return json;
  }
}
