package io.trainyard.api.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.SweepEnsembles;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.job.prediction.PredictionCheck;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonPlace;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Submits the request of an ended job again, with changes. */
@Component
record JobRetries(
    JobService jobs,
    ModelCatalogue models,
    SweepService sweeps,
    SweepEnsembles ofSweeps,
    PredictionCheck predictions) {
  private static final String CHANGES = "/changes";

  /**
   * The new job.
   *
   * @param body with the changes; null: the same again
   */
  Job retry(String id, @Nullable JsonNode body) {
    Job job = jobs.find(id);
    if (!job.state().done()) {
      throw new ServiceException(
          ErrorCode.NOT_FINISHED, "Job '" + id + "' has not finished; cancel it first");
    }
    Map<String, JsonNode> changes = changes(body);
    ObjectNode request = (ObjectNode) job.task().request().deepCopy();
    if (job.task() instanceof TrainingTask training) {
      TrainingTask.Trial trial = training.trial();
      if (trial != null) {
        requireWhole(id, training, trial);
      }
      if (trial != null || changes.keySet().stream().anyMatch(each -> each.startsWith("/model/"))) {
        request.set("model", training.spec().deepCopy());
      }
    }
    boolean hasOwnSpec = hasOwnSpec(job.task());
    if (job.task() instanceof Task.Sweep) {
      SweepService.FOUND.forEach(request::remove);
    }
    apply(changes, request);
    try {
      return switch (job.task()) {
        case TrainingTask _ -> hasOwnSpec ? jobs.submitOwnSpec(request) : jobs.submit(request);
        case Task.Prediction _ -> predictions.submit(request);
        case Task.Sweep _ -> sweeps.submit(request).job();
      };
    } catch (ServiceException e) {
      throw inChanges(e, changes);
    }
  }

  /** Whether the model keeps a recipe, or the values that its sweep began with. */
  private boolean hasOwnSpec(Task task) {
    return task instanceof TrainingTask training
        && (training.trial() != null
            || training.request().path("model").isObject()
            || models
                .find(training.model())
                .filter(stored -> RecipeSpec.isIn(stored.spec()))
                .isPresent());
  }

  /** The last training of a sweep may need weights of the others, which are not kept. */
  private void requireWhole(String id, TrainingTask training, TrainingTask.Trial trial) {
    if (training.publishes() && ofSweeps.folds(trial) > 0) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "Job '%s' needs the weights of the other trainings of its sweep, which are not kept: retry the sweep itself, POST /v1/jobs/%s/retry"
              .formatted(id, trial.sweep()));
    }
  }

  private static Map<String, JsonNode> changes(@Nullable JsonNode body) {
    Map<String, JsonNode> changes = new LinkedHashMap<>();
    if (body == null) {
      return changes;
    }
    Violations violations = new Violations();
    JsonObject request = JsonObject.of(body, "", violations);
    JsonNode given = request.get("changes");
    if (given instanceof ObjectNode object) {
      object.properties().forEach(each -> changes.put(each.getKey(), each.getValue()));
    } else if (given != null) {
      request.violate(
          "changes",
          "An object of values by JSON pointer was expected, got " + JsonObject.describe(given));
    }
    request.finish();
    violations.throwIfAny();
    return changes;
  }

  /** Sets values at pointers into the request; null removes what is there. */
  private static void apply(Map<String, JsonNode> changes, ObjectNode request) {
    Violations violations = new Violations();
    changes.forEach(
        (pointer, value) -> {
          JsonPlace place = JsonPlace.of(pointer);
          String fault =
              place == null
                  ? "A JSON pointer into the request of the job was expected, as /training/optimizer/learning_rate, got '%s'"
                      .formatted(JsonObject.shorten(pointer))
                  : place.fault(request, "The request of the job");
          if (place == null || fault != null) {
            violations.add(
                Violation.pointer(CHANGES, JsonObject.shorten(pointer)), String.valueOf(fault));
          } else {
            place.merge(request, value);
          }
        });
    violations.throwIfAny();
  }

  /** The same refusal with pointers into the caller's own body, where a change is at fault. */
  private static ServiceException inChanges(ServiceException e, Map<String, JsonNode> changes) {
    if (e.violations().isEmpty() || changes.isEmpty()) {
      return e;
    }
    List<Violation> placed =
        e.violations().stream()
            .map(
                fault ->
                    changes.keySet().stream()
                        .filter(
                            pointer ->
                                fault.pointer().equals(pointer)
                                    || fault.pointer().startsWith(pointer + "/"))
                        .findFirst()
                        .map(
                            pointer ->
                                new Violation(
                                    Violation.pointer(CHANGES, pointer)
                                        + fault.pointer().substring(pointer.length()),
                                    fault.detail()))
                        .orElse(fault))
            .toList();
    return new ServiceException(e.code(), e.detail(), placed);
  }
}
