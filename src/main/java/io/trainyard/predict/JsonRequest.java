package io.trainyard.predict;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A JSON body with instances: objects by column, or tensors. */
public final class JsonRequest implements Predictor.Request {
  private final byte[] body;
  private List<String> outputs = List.of();

  public JsonRequest(byte[] body) {
    this.body = body;
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model) {
    Map<String, HostTensor> plain = PlainInstances.read(body, model);
    Map<String, HostTensor> inputs = plain != null ? plain : inputs(model, StrictJson.parse(body));
    Encoding encoding = model.definition().encoding();
    if (encoding != null) {
      new IndexRange(model.definition().spec().network(), encoding).check(inputs, "/instances");
    }
    return inputs;
  }

  private Map<String, HostTensor> inputs(LoadedModel model, JsonNode body) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    JsonNode instances = members.get("instances");
    if (instances == null) {
      members.violate("instances", "'instances' is required: a list with one instance per row");
      instances = JsonNodeFactory.instance.arrayNode();
    }
    List<String> asked = members.texts("outputs");
    members.finish();
    violations.throwIfAny();
    outputs = asked == null ? List.of() : asked;
    Encoding encoding = model.definition().encoding();
    return encoding == null
        ? TensorReader.read(instances, model.definition().signature().inputs(), "/instances")
        : encoding.encode(instances, "/instances");
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }
}
