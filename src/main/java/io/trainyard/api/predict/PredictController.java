package io.trainyard.api.predict;

import io.trainyard.api.MediaTypes;
import io.trainyard.api.predict.PredictExchange.Asked;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Predictions: JSON, NPY or an image in, JSON or NPY out. */
@RestController
record PredictController(PredictExchange exchange) {
  @PostMapping(
      path = {"/v1/models/{model}/predict", "/v1/models/{model}/versions/{version}/predict"},
      consumes = {
        MediaType.APPLICATION_JSON_VALUE,
        MediaTypes.NPY,
        MediaTypes.PNG,
        MediaTypes.JPEG
      })
  void predict(
      @PathVariable String model,
      @PathVariable(required = false) @Nullable String version,
      @RequestParam(required = false) @Nullable String output,
      @RequestParam(name = "ignore_unknown", defaultValue = "false") boolean ignoreUnknown,
      @RequestParam(name = "timeout_seconds", required = false) @Nullable Double timeout,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    exchange.answer(new Asked(model, version, output, ignoreUnknown, timeout), request, response);
  }

  /** The paths of KServe V1 and TensorFlow Serving, which take more than the others do. */
  @PostMapping({
    "/v1/models/{model}:predict",
    "/v1/models/{model}/versions/{version}:predict",
    "/v1/models/{model}/labels/{version}:predict"
  })
  void predictAtServingPath(
      @PathVariable String model,
      @PathVariable(required = false) @Nullable String version,
      @RequestParam(required = false) @Nullable String output,
      @RequestParam(name = "ignore_unknown", defaultValue = "false") boolean ignoreUnknown,
      @RequestParam(name = "timeout_seconds", required = false) @Nullable Double timeout,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    exchange.answerAtServingPath(
        new Asked(model, version, output, ignoreUnknown, timeout), request, response);
  }
}
