package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.api.PictureAnswers;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.job.check.JobCheck;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionStore;
import io.trainyard.model.check.ModelCheck;
import io.trainyard.spec.GraphLayout;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Checks models and shows their summaries. Stores and computes nothing. */
@RestController
record ValidateController(JobCheck check, ModelCatalogue models, VersionStore versions) {
  record Validation(
      boolean valid,
      List<Violation> errors,
      List<Warning> warnings,
      @Nullable Summary summary,
      @Nullable JsonNode model,
      @Nullable JsonNode training,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable GraphView graph) {}

  @PostMapping("/v1/models:validate")
  Validation validate(
      @RequestBody JsonNode body, @RequestParam(defaultValue = "false") boolean graph) {
    JobCheck.Validation found = check.validate(body);
    return new Validation(
        found.errors().isEmpty(),
        found.errors(),
        found.warnings(),
        found.summary(),
        found.model(),
        found.training(),
        GraphView.ofNullable(found.summary(), graph));
  }

  @GetMapping(path = "/v1/models/{model}/summary", produces = MediaType.APPLICATION_JSON_VALUE)
  Summary summary(@PathVariable String model) {
    return summaryOf(models.get(model));
  }

  @GetMapping(path = "/v1/models/{model}/summary", produces = MediaType.TEXT_PLAIN_VALUE)
  String table(@PathVariable String model) {
    return summaryOf(models.get(model)).text();
  }

  @GetMapping(path = "/v1/models/{model}/graph", produces = MediaType.APPLICATION_JSON_VALUE)
  GraphView graph(@PathVariable String model) {
    return GraphView.of(GraphLayout.of(summaryOf(models.get(model))));
  }

  @GetMapping(path = "/v1/models/{model}/graph", produces = PictureAnswers.SVG)
  byte[] graphAsSvg(@PathVariable String model) {
    return GraphView.svg(GraphLayout.of(summaryOf(models.get(model))));
  }

  private Summary summaryOf(Model model) {
    ModelVersion latest = versions.findLatest(model.name()).orElse(null);
    Encoding learned = latest == null ? null : latest.learnedEncoding();
    if (latest == null && RecipeSpec.isIn(model.spec())) {
      throw new ServiceException(
          ErrorCode.VERSION_NOT_FOUND,
          "'%s' has a recipe and no version yet, so its layers are not known. POST its name and a dataset to /v1/models:validate to see them"
              .formatted(model.name()));
    }
    JsonNode spec = latest != null && RecipeSpec.isIn(model.spec()) ? latest.spec() : model.spec();
    return ModelCheck.summary(SpecReader.model(spec), learned);
  }
}
