package io.trainyard.job;

import io.trainyard.spec.ModelReference;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.check.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Trains a network.
 *
 * @param spec the model object at submission
 * @param request as in the body of a submission; {@code model} is always a name
 * @param dataset the rows to train on
 * @param trial what it is for the sweep that runs it; null: it is no part of a sweep
 */
public record TrainingTask(
    String model,
    JsonNode spec,
    JsonNode request,
    DatasetReference dataset,
    Placement placement,
    List<Warning> warnings,
    @Nullable Trial trial)
    implements Task {
  public static final String KIND = "training";

  /**
   * The part of a sweep that a training is.
   *
   * @param number of the trial, from 1; {@link #BEST} trains the best one on all rows
   * @param fold from 1; 0 for the refit
   * @param parameters the values of the trial by JSON pointer into the job
   */
  public record Trial(String sweep, int number, int fold, JsonNode parameters) {
    public static final int BEST = 0;
  }

  /** A training that is no part of a sweep. */
  public TrainingTask(
      String model,
      JsonNode spec,
      JsonNode request,
      DatasetReference dataset,
      Placement placement,
      List<Warning> warnings) {
    this(model, spec, request, dataset, placement, warnings, null);
  }

  public TrainingTask {
    warnings = List.copyOf(warnings);
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public boolean isScheduled() {
    return trial == null;
  }

  /** Whether its weights become a version; those of trials do not. */
  public boolean publishes() {
    return trial == null || trial.number() == Trial.BEST;
  }

  /** The datasets it reads: the training rows, and the validation dataset if it has its own. */
  public List<DatasetReference> datasets() {
    JsonNode validation = request.at("/dataset/validation_dataset");
    return validation.isObject()
        ? List.of(
            dataset,
            new DatasetReference(
                validation.get("name").stringValue(), validation.get("version").intValue()))
        : List.of(dataset);
  }

  /**
   * The versions it reads: those that its network nests, those whose encodings an input inherits,
   * and the one it starts from.
   */
  public List<ModelReference> versions() {
    return SpecReferences.ofJob(spec, request);
  }
}
