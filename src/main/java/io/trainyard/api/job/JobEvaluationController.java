package io.trainyard.api.job;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.inspect.evaluation.EvaluationDetails;
import io.trainyard.inspect.evaluation.VersionEvaluation;
import io.trainyard.job.EvaluatedPart;
import io.trainyard.job.JobService;
import io.trainyard.json.StrictJson;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/** Answers the evaluation of a job, and measures its rows again where more is asked for. */
@RestController
@RequestMapping("/v1/jobs/{job}/evaluation")
record JobEvaluationController(
    JobService jobs,
    DatasetCatalogue datasets,
    VersionResolver resolver,
    VersionEvaluation evaluation) {
  /**
   * What the published weights do on the test rows, or on others when there are none.
   *
   * @param slices columns whose values group the rows
   * @param importance permutation, or null
   */
  @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
  String evaluation(
      @PathVariable String job,
      @RequestParam(required = false) @Nullable List<String> slices,
      @RequestParam(required = false) @Nullable String importance) {
    EvaluationDetails details = EvaluationDetails.ofParameters(slices, importance);
    String stored = jobs.evaluation(job);
    return details.isEmpty() ? stored : with(details, job, stored);
  }

  private String with(EvaluationDetails details, String job, String stored) {
    EvaluatedPart part = jobs.evaluatedPart(job);
    var selection = part.selection();
    // Says that a dataset is gone, not that the request is wrong.
    var _ = datasets.get(selection.name(), Objects.requireNonNull(selection.version()));
    DatasetSelection.Reference validation = selection.validation();
    if (validation != null) {
      var _ = datasets.get(validation.name(), Objects.requireNonNull(validation.version()));
    }
    ModelVersion version = resolver.publishedBy(part.job(), part.model(), part.version());
    ObjectNode json = (ObjectNode) StrictJson.parse(stored);
    json.setAll(evaluation.ofPart(version, selection, part.seed(), part.part(), details));
    return json.toString();
  }
}
