package io.trainyard.api.infer;

import io.trainyard.api.TensorAnswers;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.request.BinaryTensor;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.tensor.HostTensor;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.http.MediaType;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the answer of an inference: JSON, and behind it the outputs that are wanted as bytes.
 *
 * @param binary whether an output is written as bytes
 * @param decisions how targets of two classes are decided, by output
 */
record InferAnswer(
    JsonMapper mapper,
    Prediction prediction,
    String id,
    List<NamedTensor> outputs,
    Predicate<String> binary,
    Map<String, Decision.Named> decisions) {
  /** The length of the JSON in front of binary tensors. */
  static final String JSON_LENGTH = "Inference-Header-Content-Length";

  /** An answer with more elements than this is not kept in memory as a whole. */
  private static final int BUFFERED = 1 << 16;

  void write(HttpServletResponse response) throws IOException {
    List<NamedTensor> behind =
        outputs.stream().filter(output -> binary.test(output.name())).toList();
    long inJson = 0;
    for (NamedTensor output : outputs) {
      inJson += binary.test(output.name()) ? 0 : output.shape().elements();
    }
    if (behind.isEmpty() && inJson > BUFFERED) {
      response.setContentType(MediaType.APPLICATION_JSON_VALUE);
      json(response.getOutputStream());
      return;
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream(512);
    json(json);
    long length = json.size();
    for (NamedTensor output : behind) {
      length += BinaryTensor.length(output);
    }
    response.setContentType(
        behind.isEmpty()
            ? MediaType.APPLICATION_JSON_VALUE
            : MediaType.APPLICATION_OCTET_STREAM_VALUE);
    if (!behind.isEmpty()) {
      response.setHeader(JSON_LENGTH, String.valueOf(json.size()));
    }
    response.setContentLengthLong(length);
    json.writeTo(response.getOutputStream());
    for (NamedTensor output : behind) {
      BinaryTensor.write(output, response.getOutputStream());
    }
  }

  private void json(OutputStream out) {
    try (JsonGenerator json = mapper.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringProperty("model_name", prediction.version().model());
      json.writeStringProperty("model_version", String.valueOf(prediction.version().version()));
      json.writeStringProperty("id", id);
      List<String> assumed = prediction.definition().assumedClasses();
      if (!assumed.isEmpty()) {
        json.writeName("parameters");
        json.writeStartObject();
        json.writeStringProperty("assumed_classes", String.join(", ", assumed));
        json.writeEndObject();
      }
      json.writeName("outputs");
      json.writeStartArray();
      for (NamedTensor output : outputs) {
        json.writeStartObject();
        json.writeStringProperty("name", output.name());
        json.writeStringProperty("datatype", DataType.of(output).name());
        json.writeName("shape");
        json.writePOJO(output.shape().dims());
        boolean behind = binary.test(output.name());
        Decision.Named rule = decisions.get(output.name());
        if (behind || rule != null) {
          json.writeName("parameters");
          json.writeStartObject();
          if (behind) {
            json.writeNumberProperty("binary_data_size", BinaryTensor.length(output));
          }
          if (rule != null) {
            json.writeStringProperty("positive", rule.positive());
            json.writeNumberProperty("threshold", rule.threshold());
          }
          json.writeEndObject();
        }
        if (!behind) {
          json.writeName("data");
          elements(output, json);
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /** The elements in one list, row-major; NaN and infinities are texts, as JSON has none. */
  private static void elements(NamedTensor output, JsonGenerator json) {
    json.writeStartArray();
    switch (output) {
      case NamedTensor.Texts texts -> texts.elements().forEach(json::writeString);
      case NamedTensor.Numbers(_, HostTensor tensor, _, _, _) -> {
        long elements = tensor.shape().elements();
        for (long i = 0; i < elements; i++) {
          TensorAnswers.number(tensor, i, json);
        }
      }
    }
    json.writeEndArray();
  }
}
