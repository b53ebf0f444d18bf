package io.trainyard.dataset.encoding;

import io.trainyard.tensor.HostTensor;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The predictions that requests get, as a tree. */
public final class Predictions {
  private Predictions() {}

  public static ArrayNode of(Encoding encoding, Map<String, HostTensor> outputs, int rows) {
    PredictionText.Rows written = encoding.text().of(outputs);
    ArrayNode predictions = JsonNodeFactory.instance.arrayNode();
    for (int row = 0; row < rows; row++) {
      predictions.add(written.tree(row));
    }
    return predictions;
  }
}
