package io.trainyard.job;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.ServiceException;
import io.trainyard.job.check.ContinuedJobs;
import io.trainyard.job.check.JobCheck;
import io.trainyard.job.check.JobRequest;
import io.trainyard.job.check.JobRights;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.TrainingSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns the body of a submission into a task in which every name, version and seed is fixed. */
@Component
public final class Submission {
  private final JobCheck check;
  private final ContinuedJobs continued;
  private final ModelCatalogue models;

  Submission(JobCheck check, ContinuedJobs continued, ModelCatalogue models) {
    this.check = check;
    this.continued = continued;
    this.models = models;
  }

  /**
   * A task to queue.
   *
   * @param model the model object to store with the job; null where the body names a model, or
   *     trains a spec of its own
   * @param bestRises whether a larger value is better of what chooses the best epoch
   * @param memory the bytes that the training needs
   * @param checked what was found out of it
   */
  public record Resolved(
      TrainingTask task,
      @Nullable JsonNode model,
      boolean bestRises,
      long memory,
      JobCheck.Checked checked) {}

  /**
   * Checks a job and resolves it.
   *
   * @throws ServiceException with all violations
   */
  public Resolved resolve(JsonNode body) {
    JobRights.require(body);
    return resolvePart(body);
  }

  /** As {@link #resolve}, of a job whose model object is stored only where its model is new. */
  Resolved resolveOwnSpec(JsonNode body) {
    JobRights.require(body);
    JobCheck.Checked checked = check.check(body);
    return resolved(checked, models.find(checked.model().name()).isPresent());
  }

  /** As {@link #resolve}, of a job that the service makes from a body whose scopes are checked. */
  public Resolved resolvePart(JsonNode body) {
    return resolved(check.check(body), false);
  }

  private Resolved resolved(JobCheck.Checked checked, boolean hasOwnSpec) {
    JobRequest request = checked.request();
    var placement = new Task.Placement(checked.pool(), request.priority());
    var task =
        new TrainingTask(
            checked.model().name(),
            checked.spec(),
            request(checked, placement, hasOwnSpec || checked.hasRecipe()),
            Task.DatasetReference.of(checked.plan().version()),
            placement,
            checked.warnings());
    JsonNode stored = hasOwnSpec ? null : checked.stored();
    return new Resolved(task, stored, checked.bestRises(), checked.memory(), checked);
  }

  /**
   * The resolved body.
   *
   * @param showsSpec whether the model has another spec, or a recipe: the job's own stands there
   */
  private ObjectNode request(
      JobCheck.Checked checked, Task.Placement placement, boolean showsSpec) {
    ObjectNode resolved = (ObjectNode) checked.body().deepCopy();
    if (showsSpec) {
      resolved.set("model", checked.spec());
    } else {
      resolved.put("model", checked.model().name());
    }
    DatasetSelection rows = checked.plan().selection();
    JobRequest request = checked.request();
    TrainingSpec training = Objects.requireNonNull(request.training());
    Ensemble ensemble = training.ensemble();
    boolean folds = ensemble != null && ensemble.hasFolds();
    // The check looked at the rows of the first member.
    resolved.set("dataset", (folds ? rows.with(rows.split().withoutFold()) : rows).toJson());
    ((ObjectNode) resolved.get("training")).put("seed", checked.seed());
    ObjectNode resources = resolved.withObjectProperty("resources");
    resources.put("device", request.resources().device().code());
    resources.put("pool", placement.pool());
    resolved.put("priority", placement.priority());
    ModelVersion initial = checked.initial();
    if (initial != null) {
      SpecReferences.nameInitialVersion(resolved, initial.model(), initial.version());
      continued.keep(request);
    }
    return resolved;
  }
}
