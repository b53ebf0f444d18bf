package io.trainyard.api.job;

import io.trainyard.api.MediaTypes;
import io.trainyard.api.PictureAnswers;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.inspect.Inspections;
import io.trainyard.inspect.plot.JobPlots;
import io.trainyard.inspect.plot.Plot;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.JobState;
import io.trainyard.json.StrictJson;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.tensor.SafeTensors;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Pictures of jobs: their curves, evaluations and weights. */
@RestController
@RequestMapping("/v1/jobs/{job}/plots")
record JobPlotController(
    JobService jobs, VersionResolver resolver, WeightStore weights, Inspections inspections) {
  /**
   * Draws a job.
   *
   * @param target for evaluations; null: the first that fits
   * @param metric for curves
   * @param layer for weights; null: the first
   */
  @GetMapping(
      path = "/{kind}",
      produces = {MediaType.APPLICATION_JSON_VALUE, PictureAnswers.SVG, MediaTypes.PNG})
  ResponseEntity<byte[]> plot(
      @PathVariable String job,
      @PathVariable String kind,
      @RequestParam(required = false) @Nullable String target,
      @RequestParam(required = false) @Nullable String metric,
      @RequestParam(required = false) @Nullable String layer,
      @RequestParam(required = false) @Nullable Integer width,
      @RequestParam(required = false) @Nullable Integer height,
      @RequestHeader(name = "Accept", required = false) @Nullable String accept)
      throws HttpMediaTypeNotAcceptableException {
    JobPlots.Kind what = kind(kind);
    PictureAnswers answers = PictureAnswers.of(accept, width, height);
    requireUnused("target", target, what != JobPlots.Kind.CURVES && what != JobPlots.Kind.WEIGHTS);
    requireUnused("metric", metric, what == JobPlots.Kind.CURVES);
    requireUnused("layer", layer, what == JobPlots.Kind.WEIGHTS);
    Job found = jobs.find(job);
    return answers.answer(
        inspections.run(
            _ ->
                answers
                    .form()
                    .apply(
                        switch (what) {
                          case CURVES ->
                              JobPlots.curves(epochs(job), metric == null ? "loss" : metric);
                          case CONFUSION -> JobPlots.confusion(evaluation(job), target);
                          case ROC -> JobPlots.roc(evaluation(job), target);
                          case RESIDUALS -> JobPlots.residuals(evaluation(job), target);
                          case PREDICTED -> JobPlots.predicted(evaluation(job), target);
                          case CALIBRATION -> JobPlots.calibration(evaluation(job), target);
                          case INTERVALS -> JobPlots.intervals(evaluation(job), target);
                          case WEIGHTS -> weights(found, layer);
                        })));
  }

  private static JobPlots.Kind kind(String word) {
    return Arrays.stream(JobPlots.Kind.values())
        .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                ServiceException.parameter(
                    "A plot is one of %s, was '%s'"
                        .formatted(
                            Arrays.stream(JobPlots.Kind.values())
                                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")),
                            word)));
  }

  private static void requireUnused(String name, @Nullable String value, boolean used) {
    if (value != null && !used) {
      throw ServiceException.parameter("'%s' does not change this plot".formatted(name));
    }
  }

  private JobPlots.Epochs epochs(String job) {
    JobPlots.Epochs epochs = new JobPlots.Epochs();
    jobs.epochs(job, epochs::add);
    return epochs;
  }

  private JsonNode evaluation(String job) {
    return StrictJson.parse(jobs.evaluation(job));
  }

  private Plot weights(Job job, @Nullable String layer) {
    if (!(job.state() instanceof JobState.Succeeded(JobState.Result result, _, _, _))
        || result == null) {
      throw new ServiceException(
          ErrorCode.VERSION_NOT_FOUND,
          "Job %s is %s and has published no weights"
              .formatted(job.id(), job.state().name().word()));
    }
    ModelVersion version = resolver.publishedBy(job.id(), result.model(), result.version());
    try (SafeTensors file = weights.open(version.weights())) {
      return JobPlots.weights(version, file.tensors(), layer);
    }
  }
}
