package io.trainyard.api.model;

import io.trainyard.inspect.evaluation.VersionEvaluation;
import io.trainyard.model.VersionResolver;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates versions on datasets. */
@RestController
@RequestMapping("/v1/models/{model}/versions/{version}")
record EvaluationController(VersionResolver resolver, VersionEvaluation evaluation) {
  @PostMapping(path = "/evaluation", produces = MediaType.APPLICATION_JSON_VALUE)
  ObjectNode evaluate(
      @PathVariable String model, @PathVariable String version, @RequestBody JsonNode body) {
    return evaluation.of(resolver.resolve(model, version), body);
  }
}
