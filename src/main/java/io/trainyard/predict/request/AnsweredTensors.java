package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.PredictionText;
import io.trainyard.json.JsonBytes;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.request.NamedInputs.Described;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/** Answers with a network's outputs in every form that a predict request can ask for. */
public final class AnsweredTensors {
  private AnsweredTensors() {}

  /** As {@link io.trainyard.predict.AnswerRoute#answer}. */
  public static void answer(
      VersionDefinition definition, Map<String, HostTensor> outputs, int rows) {
    named(definition, outputs, rows);
    Encoding encoding = definition.encoding();
    if (encoding != null) {
      outputs.forEach(
          (name, tensor) -> {
            var _ = encoding.inTargetUnits(name, tensor);
          });
      json(encoding, outputs, rows);
    }
  }

  /** What metadata describes must be what is answered. */
  private static void named(
      VersionDefinition definition, Map<String, HostTensor> outputs, int rows) {
    List<Described> described = NamedOutputs.describe(definition);
    List<NamedTensor> answered =
        NamedOutputs.of(definition, List.of()).of(definition, outputs, rows);
    for (int i = 0; i < described.size(); i++) {
      Shape expected = described.get(i).row().batched(rows);
      Shape given = answered.get(i).shape();
      if (!given.equals(expected)) {
        throw new IllegalArgumentException(
            "'%s' should be %s for %d rows, but the network gives %s"
                .formatted(described.get(i).name(), expected, rows, given));
      }
    }
  }

  private static void json(Encoding encoding, Map<String, HostTensor> outputs, int rows) {
    PredictionText.Rows written = encoding.text().of(outputs);
    JsonBytes json = new JsonBytes(OutputStream.nullOutputStream());
    for (int row = 0; row < rows; row++) {
      written.write(row, json);
    }
  }
}
