package io.trainyard.job;

import io.trainyard.spec.ModelReference;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.check.Warning;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Trains a network.
 *
 * @param spec the model object at submission
 * @param request as in the body of a submission; {@code model} is always a name
 * @param dataset the rows to train on
 */
public record TrainingTask(
    String model,
    JsonNode spec,
    JsonNode request,
    DatasetReference dataset,
    Placement placement,
    List<Warning> warnings)
    implements Task {
  public TrainingTask {
    warnings = List.copyOf(warnings);
  }

  @Override
  public String kind() {
    return "training";
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
