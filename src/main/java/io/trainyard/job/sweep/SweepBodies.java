package io.trainyard.job.sweep;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonPlace;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The jobs of trials: the job of the sweep with a trial's values, one fold, and one thread. */
final class SweepBodies {
  private static final Set<String> CHANGEABLE = Set.of("model", "training", "initial_weights");

  /** What the trials of an ensemble have in common. */
  private static final List<String> SAME =
      List.of(
          "/model/inputs",
          "/model/targets",
          "/model/network/outputs",
          "/training/loss",
          "/training/losses",
          "/training/loss_weights",
          "/training/label_smoothing",
          "/training/metrics",
          "/training/sample_weight",
          "/initial_weights");

  /** Where a job asks how sure its version is. */
  static final List<String> CERTAINTY = List.of("/training/calibration", "/training/intervals");

  private SweepBodies() {}

  /** The places at which this job asks how sure its version is. */
  static List<String> certainty(JsonNode job) {
    return CERTAINTY.stream()
        .filter(each -> !job.at(each).isMissingNode() && !job.at(each).isNull())
        .filter(each -> !job.at(each).asString("").equals("none"))
        .toList();
  }

  /**
   * Adds a violation for each parameter that cannot be set in the job, and for each member of the
   * job that a sweep decides itself.
   */
  static void check(SweepRequest sweep, Violations violations) {
    List<String> pointers = List.copyOf(sweep.parameters().keySet());
    for (String pointer : pointers) {
      String fault = fault(sweep, pointer);
      if (fault == null) {
        fault = overlap(pointer, pointers);
      }
      if (fault != null) {
        violations.add(Violation.pointer("/parameters", JsonObject.shorten(pointer)), fault);
      }
    }
    if (sweep.strategy() == SweepRequest.Strategy.HALVING
        && sweep.job().path("training").has("phases")) {
      violations.add(
          "/strategy",
          "A halving compares trials before they have ended, which is in the middle of their"
              + " phases; use 'grid' or 'random'");
    }
    if (sweep.job().path("training").has("monitor")) {
      violations.add(
          "/job/training/monitor",
          "The 'objective' of the sweep chooses the epoch; name it there and leave 'monitor' out");
    }
    if (sweep.job().path("training").has("ensemble")) {
      violations.add(
          "/job/training/ensemble",
          "A sweep compares trainings of one network: leave 'ensemble' out, and train the best"
              + " trial's job with it");
    }
    JsonNode phases = sweep.job().at("/training/phases");
    for (int i = 0; i < phases.size(); i++) {
      if (phases.get(i).has("monitor")) {
        violations.add(
            "/job/training/phases/" + i + "/monitor",
            "The 'objective' of the sweep chooses the epoch; name it there and leave 'monitor'"
                + " out");
      }
    }
    if (sweep.ensemble() > 0) {
      checkEnsemble(sweep, violations);
    } else {
      checkCertainty(sweep, violations);
    }
    if (sweep.folds() > 0) {
      if (sweep.job().at("/dataset/split").has("fold")) {
        violations.add(
            "/job/dataset/split/fold", "'cross_validation' gives the folds; leave this out");
      }
      if (sweep.job().path("dataset").has("validation_dataset")) {
        violations.add(
            "/job/dataset/validation_dataset",
            "'cross_validation' gives the rows to validate on; leave this out");
      }
    }
  }

  /** Adds a violation for each reason that the sweep cannot end in an ensemble. */
  private static void checkEnsemble(SweepRequest sweep, Violations violations) {
    if (sweep.folds() == 0) {
      violations.add(
          "/ensemble",
          "An ensemble is chosen by what trials say of rows that they have not seen: add"
              + " \"cross_validation\": 5");
    }
    if (sweep.strategy() == SweepRequest.Strategy.HALVING) {
      violations.add(
          "/strategy",
          "A halving ends most trials early, and an ensemble is chosen from those that have ended;"
              + " use 'grid' or 'random', or leave 'ensemble' out");
    }
    if (sweep.parameters().isEmpty() || sweep.trials() == 1) {
      violations.add(
          "/ensemble",
          "One trial leaves nothing to choose from: list several values in 'parameters', or train a"
              + " job with \"ensemble\": {\"folds\": 5} in its training");
    }
    if (sweep.job().has("initial_weights")) {
      violations.add(
          "/job/initial_weights",
          "The members of an ensemble each start from weights of their own, so that none has seen"
              + " its fold: leave initial_weights out, or 'ensemble'");
    }
  }

  /** The refit has seen all rows, so it learns how sure it is on what the folds say of theirs. */
  private static void checkCertainty(SweepRequest sweep, Violations violations) {
    String fault = null;
    if (sweep.folds() == 0) {
      fault =
          "The best trial is trained on all rows, and none is left to learn this on: add"
              + " \"cross_validation\": 5, and it is learned on what the folds say of rows that"
              + " they have not seen";
    } else if (sweep.job().path("training").has("phases")) {
      fault =
          "It is learned on what the trainings of the folds say of their rows, and those in phases"
              + " are not asked: leave it out, and train the best trial as a job with validation"
              + " rows";
    } else if (sweep.job().has("initial_weights")) {
      fault =
          "It is learned on rows that a fold has not seen, and initial_weights may have seen them:"
              + " leave it out, or initial_weights";
    }
    if (fault != null) {
      for (String at : certainty(sweep.job())) {
        violations.add("/job" + at, fault);
      }
    }
  }

  /** Why trials with different values could not answer together; null: they could. */
  private static @Nullable String dividing(String pointer) {
    if (pointer.startsWith("/training/seed")) {
      return "the seed divides the rows into folds, and those of an ensemble's trials must be the"
          + " same";
    }
    return SAME.stream().anyMatch(each -> pointer.equals(each) || pointer.startsWith(each + "/"))
        ? "the trials of an ensemble need the same inputs, targets, losses and measurements, so"
            + " that their answers have a mean"
        : null;
  }

  private static @Nullable String fault(SweepRequest sweep, String pointer) {
    JsonPlace place = JsonPlace.of(pointer);
    if (place == null) {
      return "A JSON pointer into 'job' was expected, as /training/optimizer/learning_rate, got '%s'"
          .formatted(JsonObject.shorten(pointer));
    }
    if (!CHANGEABLE.contains(place.names().getFirst()) || place.names().size() < 2) {
      return "A sweep can change what is in /model, /training and /initial_weights of its job; all"
          + " trials need the same rows and resources";
    }
    for (String at : CERTAINTY) {
      if (pointer.startsWith(at)) {
        return "The last training of a sweep learns this, when the best trial is known: write '%s' into the job"
            .formatted(at.substring("/training/".length()));
      }
    }
    if (pointer.startsWith("/training/ensemble")) {
      return "A sweep compares trainings of one network; an ensemble is a job of its own";
    }
    switch (pointer) {
      case "/model/name" -> {
        return "All trials are of one model";
      }
      case "/training/monitor" -> {
        return "All trials are compared by 'objective'";
      }
      case "/training/epochs" -> {
        if (sweep.strategy() == SweepRequest.Strategy.HALVING) {
          return "A halving decides how long each trial trains, up to the epochs of the job";
        }
      }
      default -> {}
    }
    String divides = sweep.ensemble() > 0 ? dividing(pointer) : null;
    return divides == null
        ? place.fault(sweep.job(), "The job")
        : "Leave this parameter out, or 'ensemble': " + divides;
  }

  private static @Nullable String overlap(String pointer, List<String> all) {
    return all.stream()
        .filter(other -> pointer.startsWith(other + "/"))
        .findFirst()
        .map(other -> "The parameter '%s' already sets this".formatted(JsonObject.shorten(other)))
        .orElse(null);
  }

  /**
   * The job of a trial's first fold.
   *
   * @param job of the sweep, with the model object in place of its name
   */
  static ObjectNode trial(
      ObjectNode job, SweepRequest sweep, Map<String, JsonNode> values, long seed) {
    ObjectNode body = job.deepCopy();
    body.remove("on_success");
    body.remove("priority");
    if (body.get("training") instanceof ObjectNode training) {
      training.put("monitor", sweep.objective());
      if (!training.has("seed")) {
        training.put("seed", seed);
      }
      if (sweep.folds() > 0) {
        training.remove("calibration"); // the last training learns it, on the rows of all folds
      }
    }
    if (!body.at("/resources/threads").isNumber()
        && (!body.has("resources") || body.get("resources").isObject())) {
      body.withObjectProperty("resources").put("threads", 1);
    }
    if (sweep.folds() > 0 && body.get("dataset") instanceof ObjectNode dataset) {
      fold(dataset, sweep.folds());
    }
    values.forEach(
        (pointer, value) -> Objects.requireNonNull(JsonPlace.of(pointer)).set(body, value));
    return body;
  }

  private static void fold(ObjectNode dataset, int folds) {
    if (dataset.has("split") && !dataset.get("split").isObject()) {
      return; // the check of the job says so
    }
    ObjectNode split = dataset.withObjectProperty("split");
    split.remove("validation");
    split.putObject("fold").put("number", 1).put("of", folds);
  }
}
