package io.trainyard.api.predict;

import io.trainyard.predict.Prediction;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Writes predictions as JSON; tensors go directly to the generator. */
@Component
final class PredictionWriter {
  private final JsonMapper mapper;

  PredictionWriter(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * The whole answer.
   *
   * @param asked layer outputs to add to the predictions
   */
  byte[] json(Prediction prediction, List<String> asked) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
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
    return out.toByteArray();
  }

  private void predictions(Prediction prediction, JsonGenerator json) {
    var encoding = prediction.definition().encoding();
    List<String> outputs = prediction.definition().spec().network().outputs();
    if (encoding != null && !encoding.targets().isEmpty()) {
      mapper.writeTree(json, encoding.decode(prediction.outputs(), prediction.rows()));
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
