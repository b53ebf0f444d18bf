package io.trainyard.api.idempotency;

import io.trainyard.api.dataset.DatasetView;
import io.trainyard.api.job.JobView;
import io.trainyard.api.job.SweepView;
import io.trainyard.api.model.ModelController;
import io.trainyard.api.model.VersionView;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.idempotency.IdempotencyKeys.Answer;
import io.trainyard.job.JobService;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.VersionResolver;
import io.trainyard.spec.ModelReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Answers a creating call from the resource it created: status, path and view of each kind. */
@Component
record CreatedResources(
    JobService jobs,
    SweepService sweeps,
    ModelCatalogue models,
    VersionResolver versions,
    DatasetCatalogue datasets,
    JsonMapper mapper) {
  /**
   * The answer with the resource as it is now.
   *
   * @throws io.trainyard.error.ServiceException when the resource was deleted since
   */
  Answer answer(Created created) {
    String id = created.id();
    return switch (created.kind()) {
      case JOB -> answer(HttpStatus.ACCEPTED, "/v1/jobs/" + id, JobView.of(jobs.find(id), 0));
      case SWEEP -> answer(HttpStatus.ACCEPTED, "/v1/sweeps/" + id, SweepView.of(sweeps.find(id)));
      case MODEL -> model(models.get(id));
      case MODEL_VERSION -> version(ModelReference.parse(id));
      case DATASET_VERSION -> datasetVersion(id);
    };
  }

  private Answer model(Model model) {
    return answer(
        HttpStatus.CREATED,
        "/v1/models/" + model.name(),
        ModelController.tag(model).header(),
        ModelController.ModelView.ofStored(model));
  }

  private Answer version(ModelReference reference) {
    return answer(
        HttpStatus.CREATED,
        "/v1/models/" + reference.model() + "/versions/" + reference.version(),
        VersionView.ofImported(
            versions.version(reference.model(), Integer.parseInt(reference.version())),
            versions.defaultOf(reference.model())));
  }

  private Answer datasetVersion(String id) {
    int at = id.lastIndexOf('@');
    String name = id.substring(0, at);
    int number = Integer.parseInt(id.substring(at + 1));
    DatasetVersion version =
        datasets
            .find(name, number)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.DATASET_NOT_FOUND,
                        "The dataset version " + id + " was deleted after this key created it"));
    return answer(
        HttpStatus.CREATED,
        "/v1/datasets/" + name + "/versions/" + number,
        DatasetView.of(version));
  }

  private Answer answer(HttpStatus status, String location, Object view) {
    return answer(status, location, null, view);
  }

  private Answer answer(HttpStatus status, String location, @Nullable String etag, Object view) {
    return new Answer(
        status.value(),
        location,
        etag,
        MediaType.APPLICATION_JSON_VALUE,
        mapper.writeValueAsString(view));
  }
}
