package io.trainyard.api.predict;

import io.trainyard.api.TensorAnswers;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.PredictionText;
import io.trainyard.json.JsonBytes;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.analysis.Analysis;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.tensor.HostTensor;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes the answers of predictions as JSON. */
@Component
record PredictionWriter(JsonMapper mapper) {
  private static final byte[] MODEL = JsonBytes.plain("{\"model\":");
  private static final byte[] VERSION = JsonBytes.plain(",\"version\":");
  private static final byte[] PREDICTIONS = JsonBytes.plain(",\"predictions\":");
  private static final byte[] DECISIONS = JsonBytes.plain(",\"decisions\":");
  private static final byte[] ASSUMED = JsonBytes.plain(",\"assumed_classes\":[");
  private static final byte[] WARNINGS = JsonBytes.plain(",\"warnings\":");
  private static final byte[] OUTPUTS = JsonBytes.plain(",\"outputs\":{");

  /** Between two rows of a large answer, other requests get their turn. */
  private static final int TURN = 512;

  /**
   * Writes the whole answer. A large one goes out piece by piece, without its length.
   *
   * @param asked layer outputs to add to the predictions
   * @param analysis what was found about each of them
   */
  void write(
      Prediction prediction, List<String> asked, Analysis analysis, HttpServletResponse response)
      throws IOException {
    JsonBytes json = new JsonBytes(response.getOutputStream());
    json.raw(MODEL);
    json.text(prediction.version().model());
    json.raw(VERSION);
    json.number(prediction.version().version());
    json.raw(PREDICTIONS);
    predictions(prediction, analysis, json);
    if (!prediction.decisions().isEmpty()) {
      json.raw(DECISIONS);
      json.raw(mapper.writeValueAsBytes(decisions(prediction)));
    }
    if (!asked.isEmpty()) {
      json.raw(OUTPUTS);
      for (int i = 0; i < asked.size(); i++) {
        name(asked.get(i), i, json);
        elements(prediction.output(asked.get(i)), json);
      }
      json.raw('}');
    }
    if (!analysis.warnings().isEmpty()) {
      json.raw(WARNINGS);
      json.raw(mapper.writeValueAsBytes(analysis.warnings()));
    }
    List<String> assumed = prediction.definition().assumedClasses();
    if (!assumed.isEmpty()) {
      json.raw(ASSUMED);
      for (int i = 0; i < assumed.size(); i++) {
        if (i > 0) {
          json.raw(',');
        }
        json.text(assumed.get(i));
      }
      json.raw(']');
    }
    json.raw('}');
    if (json.isWhole()) {
      response.setContentLength(json.size());
    }
    json.finish();
  }

  private ObjectNode decisions(Prediction prediction) {
    ObjectNode json = mapper.createObjectNode();
    prediction.decisions().forEach((target, rule) -> json.set(target, rule.toJson()));
    return json;
  }

  private static void name(String name, int index, JsonBytes json) {
    if (index > 0) {
      json.raw(',');
    }
    json.text(name);
    json.raw(':');
  }

  /** Writes whole columns as TensorFlow Serving does: {@code {"outputs": …}}. */
  void writeColumns(Prediction prediction, List<NamedTensor> outputs, HttpServletResponse response)
      throws IOException {
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
      if (!prediction.decisions().isEmpty()) {
        json.writeName("decisions");
        json.writeTree(decisions(prediction));
      }
      json.writeEndObject();
    }
  }

  private static void column(NamedTensor output, JsonGenerator json) {
    switch (output) {
      case NamedTensor.Numbers(_, HostTensor tensor, _, _, _) ->
          TensorAnswers.elements(tensor, json);
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

  private void predictions(Prediction prediction, Analysis analysis, JsonBytes json) {
    Encoding encoding = prediction.definition().encoding();
    List<String> outputs = prediction.definition().spec().network().outputs();
    if (encoding != null && !encoding.targets().isEmpty()) {
      decoded(prediction, encoding, analysis, json);
      return;
    }
    if (outputs.size() == 1) {
      elements(prediction.output(outputs.getFirst()), json);
    } else {
      rows(
          prediction.rows(),
          json,
          row -> {
            json.raw('{');
            for (int i = 0; i < outputs.size(); i++) {
              name(outputs.get(i), i, json);
              var _ = nested(prediction.output(outputs.get(i)), 1, row, json);
            }
            json.raw('}');
          });
    }
    beside(prediction.rows(), analysis, json);
  }

  /** What was found about predictions that are tensors: a list of each member. */
  private void beside(int count, Analysis analysis, JsonBytes json) {
    for (String member : analysis.members()) {
      json.raw(',');
      name(member, 0, json);
      rows(
          count,
          json,
          row -> {
            ObjectNode found = mapper.createObjectNode();
            analysis.addTo(row, found);
            json.raw(mapper.writeValueAsBytes(found.get(member)));
          });
    }
  }

  private void decoded(
      Prediction prediction, Encoding encoding, Analysis analysis, JsonBytes json) {
    PredictionText text = encoding.text();
    PredictionText.Rows written = text.of(prediction.outputs());
    boolean plain = analysis.isEmpty() && !text.repeatsMember();
    rows(
        prediction.rows(),
        json,
        row -> {
          if (plain) {
            written.write(row, json);
            return;
          }
          ObjectNode tree = written.tree(row);
          analysis.addTo(row, tree);
          json.raw(mapper.writeValueAsBytes(tree));
        });
  }

  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that yields lets others run
  private static void rows(int count, JsonBytes json, IntConsumer writer) {
    json.raw('[');
    for (int row = 0; row < count; row++) {
      if (row > 0) {
        json.raw(',');
      }
      if (row % TURN == TURN - 1) {
        Thread.yield();
      }
      writer.accept(row);
    }
    json.raw(']');
  }

  /** A tensor as nested lists of numbers. */
  private static void elements(HostTensor tensor, JsonBytes json) {
    if (tensor.shape().rank() == 0) {
      number(tensor, 0, json);
      return;
    }
    rows(tensor.shape().axis(0), json, row -> nested(tensor, 1, row, json));
  }

  /** One row of a tensor. */
  private static long nested(HostTensor tensor, int axis, int row, JsonBytes json) {
    return nested(tensor, axis, row * tensor.shape().row().elements(), json);
  }

  /** Writes the list of an axis that starts at this element; gives the index after it. */
  private static long nested(HostTensor tensor, int axis, long at, JsonBytes json) {
    if (axis == tensor.shape().rank()) {
      number(tensor, at, json);
      return at + 1;
    }
    json.raw('[');
    long next = at;
    for (int i = 0; i < tensor.shape().axis(axis); i++) {
      if (i > 0) {
        json.raw(',');
      }
      next = nested(tensor, axis + 1, next, json);
    }
    json.raw(']');
    return next;
  }

  private static void number(HostTensor tensor, long index, JsonBytes json) {
    switch (tensor.type()) {
      case FLOAT32 -> json.number(tensor.floatAt(index));
      case FLOAT64 -> json.number(tensor.doubleAt(index));
      case INT64 -> json.number(tensor.longAt(index));
      case INT8, INT16, INT32, UINT8 -> json.number((long) tensor.doubleAt(index));
      case BOOL -> json.truth(tensor.doubleAt(index) != 0);
    }
  }
}
