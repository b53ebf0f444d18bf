package io.trainyard.api.model;

import io.trainyard.api.MediaTypes;
import io.trainyard.api.PictureAnswers;
import io.trainyard.inspect.plot.VersionPlots;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionResolver;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Pictures of versions over two of their columns. */
@RestController
@RequestMapping("/v1/models/{model}/versions/{version}")
record PlotController(VersionResolver resolver, VersionPlots plots) {
  @PostMapping(
      path = "/plots",
      produces = {MediaType.APPLICATION_JSON_VALUE, PictureAnswers.SVG, MediaTypes.PNG})
  ResponseEntity<byte[]> plot(
      @PathVariable String model,
      @PathVariable String version,
      @RequestParam(required = false) @Nullable Integer width,
      @RequestParam(required = false) @Nullable Integer height,
      @RequestHeader(name = "Accept", required = false) @Nullable String accept,
      @RequestBody JsonNode body)
      throws HttpMediaTypeNotAcceptableException {
    PictureAnswers answers = PictureAnswers.of(accept, width, height);
    ModelVersion found = resolver.resolve(model, version);
    return answers.answer(plots.draw(found, body, answers.form()));
  }
}
