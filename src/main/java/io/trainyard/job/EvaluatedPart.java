package io.trainyard.job;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.job.check.JobRequest;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.training.TrainingSpec;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/**
 * The rows that a training was evaluated on at its end, and the version that it published.
 *
 * @param job the training
 * @param selection of all its rows
 * @param seed by which they are divided
 */
public record EvaluatedPart(
    String job, String model, int version, DatasetSelection selection, long seed, Part part) {
  /**
   * The rows of a job.
   *
   * @param evaluation as it is stored
   * @throws ServiceException INVALID_PARAMETER when its rows cannot be chosen again
   */
  static EvaluatedPart of(Job job, String evaluation) {
    if (!(job.task() instanceof TrainingTask task
        && job.state() instanceof JobState.Succeeded(JobState.Result result, _, _, _))) {
      throw ServiceException.parameter(
          "Only the rows of a training can be sliced and permuted here; for job %s evaluate the version of '%s' on its dataset: POST …/versions/{version}/evaluation"
              .formatted(job.id(), job.task().model()));
    }
    String word = StrictJson.parse(evaluation).path("part").asString("");
    Part part =
        Arrays.stream(Part.values())
            .filter(each -> each != Part.OUT_OF_FOLD && each.word().equals(word))
            .findFirst()
            .orElseThrow(
                () ->
                    ServiceException.parameter(
                        "The rows of this evaluation ('%s') cannot be sliced and permuted; evaluate the version on a dataset that it was not trained on: POST …/versions/{version}/evaluation"
                            .formatted(word)));
    JsonNode body = task.request();
    Violations violations = new Violations();
    JobRequest request = JobRequest.read(body, violations);
    DatasetSelection rows = request.rows();
    TrainingSpec training = request.training();
    if (!violations.isEmpty() || rows == null || training == null || training.seed().isEmpty()) {
      // The caller did not write this request: it was stored, perhaps by an older version.
      throw ServiceException.parameter(
          "The rows of job %s cannot be chosen again; evaluate the version on a dataset: POST …/versions/{version}/evaluation"
              .formatted(job.id()));
    }
    return new EvaluatedPart(
        job.id(), result.model(), result.version(), rows, training.seed().getAsLong(), part);
  }
}
