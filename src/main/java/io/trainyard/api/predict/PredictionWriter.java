package io.trainyard.api.predict;

import io.trainyard.api.TensorAnswers;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.tensor.HostTensor;
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
    if (elements(prediction) > BUFFERED) {
      write(prediction, asked, response.getOutputStream());
      return;
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream(512);
    write(prediction, asked, answer);
    response.setContentLength(answer.size());
    answer.writeTo(response.getOutputStream());
  }

  /** Writes whole columns as TensorFlow Serving does: {@code {"outputs": …}}. */
  void writeColumns(List<NamedTensor> outputs, HttpServletResponse response) throws IOException {
    try (JsonGenerator json = mapper.createGenerator(response.getOutputStream())) {
      json.writeStartObject();
      json.writeName("outputs");
      if (outputs.size() == 1) {
        column(outputs.getFirst(), json);
      } else {
        json.writeStartObject();
        for (NamedTensor output : outputs) {
          json.writeName(output.name());
          column(output, json);
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    }
  }

  private static void column(NamedTensor output, JsonGenerator json) {
    switch (output) {
      case NamedTensor.Numbers(_, HostTensor tensor) -> TensorAnswers.elements(tensor, json);
      case NamedTensor.Texts texts -> {
        // One text for each row, on an axis of length 1.
        json.writeStartArray();
        for (String text : texts.elements()) {
          json.writeStartArray();
          json.writeString(text);
          json.writeEndArray();
        }
        json.writeEndArray();
      }
    }
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
          TensorAnswers.elements(prediction.output(name), json);
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
      TensorAnswers.elements(prediction.output(outputs.getFirst()), json);
    } else {
      json.writeStartArray();
      for (int row = 0; row < prediction.rows(); row++) {
        json.writeStartObject();
        for (String output : outputs) {
          json.writeName(output);
          TensorAnswers.row(prediction.output(output), row, json);
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  /** The elements of all outputs. */
  private static long elements(Prediction prediction) {
    long elements = 0;
    for (HostTensor output : prediction.outputs().values()) {
      elements += output.shape().elements();
    }
    return elements;
  }

  /** Decodes a few rows at a time: their JSON nodes take much more memory than their numbers. */
  private void decoded(Prediction prediction, Encoding encoding, JsonGenerator json) {
    int rows = prediction.rows();
    long elements = elements(prediction);
    if (elements <= BUFFERED) {
      mapper.writeTree(json, encoding.decode(prediction.outputs(), rows));
      return;
    }
    int block = Math.clamp(BUFFERED / Math.max(1, elements / rows), 1, BUFFERED);
    json.writeStartArray();
    for (int from = 0; from < rows; from += block) {
      int count = Math.min(block, rows - from);
      for (JsonNode row : encoding.decode(prediction.outputs(from, count), count)) {
        mapper.writeTree(json, row);
      }
    }
    json.writeEndArray();
  }
}
