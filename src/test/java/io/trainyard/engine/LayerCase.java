package io.trainyard.engine;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A small network with PyTorch's output and gradients. */
record LayerCase(JsonNode json, ModelSpec model, NetworkShapes shapes) {
  static LayerCase of(JsonNode json) {
    ObjectNode model = JsonMapper.builder().build().createObjectNode();
    model.put("name", "case");
    model.set("network", json.get("network"));
    try {
      ModelSpec spec = SpecReader.model(model);
      return new LayerCase(json, spec, TestEngine.shapes(spec));
    } catch (RuntimeException e) {
      throw new IllegalStateException(json.get("name") + ": " + e.getMessage(), e);
    }
  }

  String output() {
    return model.network().outputs().getFirst();
  }

  Map<String, HostTensor> inputs() {
    return Golden.tensors(json.get("inputs"));
  }

  Map<String, HostTensor> weights() {
    return Golden.tensors(json.get("weights"));
  }

  boolean training() {
    return json.get("training").asBoolean();
  }

  double tolerance() {
    return json.get("tolerance").asDouble();
  }

  @Override
  public String toString() {
    return json.get("name").asString();
  }
}
