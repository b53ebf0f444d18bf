package io.trainyard.predict;

import io.trainyard.dataset.Encoding;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Instances as a tree: rows by column, or tensors. */
public record JsonRequest(JsonNode instances, List<String> outputs) implements Predictor.Request {
  public JsonRequest {
    outputs = List.copyOf(outputs);
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model) {
    Encoding encoding = model.blueprint().encoding();
    return encoding == null
        ? TensorReader.read(instances, model.blueprint().signature().inputs(), "/instances")
        : encoding.encode(instances, "/instances");
  }
}
