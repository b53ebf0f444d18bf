package io.trainyard.api.predict;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.TensorAnswers;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.request.ImageRequest;
import io.trainyard.predict.request.JsonRequest;
import io.trainyard.predict.request.NpyRequest;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.image.ImageMemory;
import io.trainyard.tensor.image.ImageRows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Predictions: JSON, NPY or an image in, JSON or NPY out. */
@RestController
class PredictController {
  private final Predictor predictor;
  private final PredictionWriter writer;
  private final ImageRows images;
  private final int maxBytes;

  PredictController(
      Predictor predictor, PredictionWriter writer, ImageMemory images, HttpProperties properties) {
    this.predictor = predictor;
    this.writer = writer;
    this.images = new ImageRows(images);
    this.maxBytes = (int) properties.maxPredict().toBytes();
  }

  @PostMapping(
      path = {"/v1/models/{model}/predict", "/v1/models/{model}:predict"},
      consumes = {
        MediaType.APPLICATION_JSON_VALUE,
        MediaTypes.NPY,
        MediaTypes.PNG,
        MediaTypes.JPEG
      })
  void predict(
      @PathVariable String model,
      @RequestParam(required = false) @Nullable String output,
      @RequestParam(name = "ignore_unknown", defaultValue = "false") boolean ignoreUnknown,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    answer(model, null, output, ignoreUnknown, request, response);
  }

  @PostMapping(
      path = {
        "/v1/models/{model}/versions/{version}/predict",
        "/v1/models/{model}/versions/{version}:predict"
      },
      consumes = {
        MediaType.APPLICATION_JSON_VALUE,
        MediaTypes.NPY,
        MediaTypes.PNG,
        MediaTypes.JPEG
      })
  void predict(
      @PathVariable String model,
      @PathVariable String version,
      @RequestParam(required = false) @Nullable String output,
      @RequestParam(name = "ignore_unknown", defaultValue = "false") boolean ignoreUnknown,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    answer(model, version, output, ignoreUnknown, request, response);
  }

  private void answer(
      String model,
      @Nullable String version,
      @Nullable String output,
      boolean ignoreUnknown,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    boolean npy = acceptsNpy(request);
    if (output != null && !npy) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          "'output' chooses the array of an NPY answer; for JSON, list 'outputs' in the body");
    }
    byte[] body =
        BoundedBody.read(request.getInputStream(), request.getContentLengthLong(), maxBytes);
    Predictor.Request asked = asked(request.getContentType(), body, output, ignoreUnknown);
    try (Prediction prediction = predictor.predict(model, version, asked)) {
      if (npy) {
        TensorAnswers.npy(array(prediction, output), response);
      } else {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        writer.write(prediction, asked.outputs(), response);
      }
    }
  }

  private Predictor.Request asked(
      String contentType, byte[] body, @Nullable String output, boolean ignoreUnknown) {
    List<String> outputs = output == null ? List.of() : List.of(output);
    MediaType type = MediaType.parseMediaType(contentType);
    if (type.equalsTypeAndSubtype(MediaType.IMAGE_PNG)
        || type.equalsTypeAndSubtype(MediaType.IMAGE_JPEG)) {
      return new ImageRequest(body, outputs, images);
    }
    return type.toString().startsWith(MediaTypes.NPY)
        ? new NpyRequest(body, outputs)
        : new JsonRequest(body, output, ignoreUnknown, images);
  }

  private static boolean acceptsNpy(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    String accept = request.getHeader("Accept");
    if (accept == null || accept.equals("*/*") || accept.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return false;
    }
    return TensorAnswers.prefersNpy(request);
  }

  private static HostTensor array(Prediction prediction, @Nullable String output) {
    List<String> own = prediction.definition().spec().network().outputs();
    if (output == null && own.size() > 1) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          "'output' must choose one of the arrays " + String.join(", ", own));
    }
    String name = output == null ? own.getFirst() : output;
    var encoding = prediction.definition().encoding();
    return encoding == null
        ? prediction.output(name)
        : encoding.inTargetUnits(name, prediction.output(name));
  }
}
