package io.trainyard.api.infer;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.HttpProperties;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.request.NamedTensorsRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Inference: named tensors in and out. */
@RestController
record InferController(Predictor predictor, JsonMapper mapper, HttpProperties properties) {
  @PostMapping({"/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"})
  void infer(
      @PathVariable String model,
      @PathVariable(required = false) @Nullable String version,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    byte[] bytes =
        BoundedBody.read(
            request.getInputStream(),
            request.getContentLengthLong(),
            (int) properties.maxPredict().toBytes());
    InferBody body =
        new InferBody(bytes, jsonLength(request.getHeader(InferAnswer.JSON_LENGTH), bytes.length));
    NamedTensorsRequest asked = new NamedTensorsRequest(body);
    try (Prediction prediction = predictor.predict(model, version, asked)) {
      new InferAnswer(
              mapper,
              prediction,
              body.id(),
              asked.named().of(prediction),
              body::isBinary,
              prediction.decisions())
          .write(response);
    }
  }

  private static int jsonLength(@Nullable String header, int all) {
    if (header == null) {
      return all;
    }
    String given = header.strip();
    int length =
        !given.isEmpty() && given.length() < 10 && given.chars().allMatch(c -> c >= '0' && c <= '9')
            ? Integer.parseInt(given)
            : -1;
    if (length <= 0 || length > all) {
      throw ServiceException.parameter(
          "The header '%s' is the length of the JSON in front of the binary tensors: a number from 1 to the body's %d bytes"
              .formatted(InferAnswer.JSON_LENGTH, all));
    }
    return length;
  }
}
