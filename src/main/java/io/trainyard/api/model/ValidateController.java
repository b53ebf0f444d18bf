package io.trainyard.api.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.review.JobLimits;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionStore;
import io.trainyard.model.review.ModelReview;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Checks models and shows their summaries. Stores and computes nothing. */
@RestController
class ValidateController {
  private final DatasetPlanner planner;
  private final ReferencedModels references;
  private final ModelCatalogue models;
  private final VersionStore versions;
  private final JobLimits limits;

  ValidateController(
      DatasetPlanner planner,
      ReferencedModels references,
      ModelCatalogue models,
      VersionStore versions,
      JobLimits limits) {
    this.planner = planner;
    this.references = references;
    this.models = models;
    this.versions = versions;
    this.limits = limits;
  }

  record Validation(
      boolean valid,
      List<Violation> errors,
      List<Warning> warnings,
      @Nullable SummaryView summary) {}

  @PostMapping("/v1/models:validate")
  Validation validate(@RequestBody JsonNode body) {
    ModelReview review = ModelReview.of(body, planner, references);
    List<Violation> errors = review.violations();
    ModelReview.Training training = review.training();
    if (training != null) {
      Violations found = new Violations();
      limits.check(
          new JobLimits.Cost(training.shapes(), training.spec(), training.plan(), "/model/network"),
          found);
      errors = found.list();
    }
    return new Validation(
        errors.isEmpty(), errors, review.warnings(), SummaryView.ofNullable(review.summary()));
  }

  @GetMapping(path = "/v1/models/{name}/summary", produces = MediaType.APPLICATION_JSON_VALUE)
  SummaryView summary(@PathVariable String name) {
    return SummaryView.of(summaryOf(models.get(name)));
  }

  @GetMapping(path = "/v1/models/{name}/summary", produces = MediaType.TEXT_PLAIN_VALUE)
  String table(@PathVariable String name) {
    return summaryOf(models.get(name)).text();
  }

  private Summary summaryOf(Model model) {
    Encoding learned =
        versions.findLatest(model.name()).map(ModelVersion::learnedEncoding).orElse(null);
    return ModelReview.summary(SpecReader.model(model.spec()), learned);
  }
}
