package io.trainyard.api.predict;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.predict.Prediction;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes predictions as JSON; tensors go directly to the generator. */
@Component
final class PredictionWriter {
  /** An answer with more elements than this is not kept in memory as a whole. */
  private static final int BUFFERED = 1 << 16;

  private final JsonMapper mapper;

  PredictionWriter(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * Writes the whole answer. A large one goes out piece by piece, without its length.
   *
   * @param asked layer outputs to add to the predictions
   */
  void write(Prediction prediction, List<String> asked, HttpServletResponse response)
      throws IOException {
    long elements =
        prediction.outputs().values().stream().mapToLong(all -> all.shape().elements()).sum();
    if (elements > BUFFERED) {
      write(prediction, asked, response.getOutputStream());
      return;
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream(512);
    write(prediction, asked, answer);
    response.setContentLength(answer.size());
    answer.writeTo(response.getOutputStream());
  }

  private void write(Prediction prediction, List<String> asked, OutputStream out) {
    try (JsonGenerator json = mapper.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringProperty("model", prediction.version().model());
      json.writeNumberProperty("version", prediction.version().version());
      json.writeName("predictions");
      predictions(prediction, json);
      if (!asked.isEmpty()) {
        json.writeName("outputs");
        json.writeStartObject();
        for (String name : asked) {
          json.writeName(name);
          tensor(prediction.output(name), json);
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    }
  }

  private void predictions(Prediction prediction, JsonGenerator json) {
    var encoding = prediction.definition().encoding();
    List<String> outputs = prediction.definition().spec().network().outputs();
    if (encoding != null && !encoding.targets().isEmpty()) {
      decoded(prediction, encoding, json);
    } else if (outputs.size() == 1) {
      tensor(prediction.output(outputs.getFirst()), json);
    } else {
      json.writeStartArray();
      for (int row = 0; row < prediction.rows(); row++) {
        json.writeStartObject();
        for (String output : outputs) {
          json.writeName(output);
          HostTensor tensor = prediction.output(output);
          Shape shape = tensor.shape().row();
          elements(tensor, shape, 0, row * shape.elements(), json);
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  /** Decodes a few rows at a time: their JSON nodes take much more memory than their numbers. */
  private void decoded(Prediction prediction, Encoding encoding, JsonGenerator json) {
    long elements =
        prediction.outputs().values().stream().mapToLong(all -> all.shape().row().elements()).sum();
    int block = Math.clamp(BUFFERED / Math.max(1, elements), 1, BUFFERED);
    json.writeStartArray();
    for (int from = 0; from < prediction.rows(); from += block) {
      int count = Math.min(block, prediction.rows() - from);
      for (JsonNode row : encoding.decode(prediction.outputs(from, count), count)) {
        mapper.writeTree(json, row);
      }
    }
    json.writeEndArray();
  }

  private static void tensor(HostTensor tensor, JsonGenerator json) {
    elements(tensor, tensor.shape(), 0, 0, json);
  }

  /** Writes one nested list and returns the index after it. */
  private static long elements(
      HostTensor tensor, Shape shape, int axis, long at, JsonGenerator json) {
    if (axis == shape.rank()) {
      if (tensor.type() == ElementType.FLOAT32) {
        json.writeNumber(tensor.floatAt(at)); // NaN and Infinity become strings
      } else {
        json.writeNumber(tensor.doubleAt(at));
      }
      return at + 1;
    }
    json.writeStartArray();
    long next = at;
    for (int i = 0; i < shape.axis(axis); i++) {
      next = elements(tensor, shape, axis + 1, next, json);
    }
    json.writeEndArray();
    return next;
  }
}
