package io.trainyard.model;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks up the versions that a model's layers of type {@code model} refer to. A resolved model
 * object names each by number and carries its network, so that nothing of it has to be looked up
 * again; later moves of an alias do not change it.
 */
public final class NestedModels implements ReferencedModels {
  private final VersionResolver versions;
  private final WeightStore weights;

  public NestedModels(VersionResolver versions, WeightStore weights) {
    this.versions = versions;
    this.weights = weights;
  }

  @Override
  public JsonNode resolve(JsonNode model, String pointer, Violations violations) {
    if (places(model).isEmpty()) {
      return model;
    }
    JsonNode resolved = model.deepCopy();
    for (int place : places(resolved)) {
      ObjectNode layer = (ObjectNode) layers(resolved).get(place);
      // A network in the request would pass for the version's own.
      layer.remove("network");
      String at = Violation.pointer(pointer + "/network/layers", place) + "/ref";
      JsonNode ref = layer.get("ref");
      ModelVersion version =
          ref != null && ref.isString() ? find(ref.stringValue(), at, violations) : null;
      if (version != null) {
        layer.put("ref", version.reference());
        layer.set("network", network(version));
      }
    }
    return resolved;
  }

  private @Nullable ModelVersion find(String ref, String pointer, Violations violations) {
    try {
      ModelReference reference = ModelReference.parse(ref);
      return versions.resolve(reference.model(), reference.version());
    } catch (IllegalArgumentException e) {
      violations.add(pointer, String.valueOf(e.getMessage()));
    } catch (ServiceException e) {
      violations.add(pointer, e.detail());
    }
    return null;
  }

  /** The version's network as one that takes tensors: its encodings do not run. */
  private static ObjectNode network(ModelVersion version) {
    ObjectNode network = (ObjectNode) version.spec().get("network").deepCopy();
    VersionDefinition blueprint = VersionDefinition.of(version);
    ObjectNode inputs = network.putObject("inputs");
    NetworkSpec spec = blueprint.spec().network();
    for (String name : spec.inputNames()) {
      Shape shape = Objects.requireNonNull(blueprint.shapes().inputs().get(name));
      ArrayNode dims = inputs.putObject(name).putArray("shape");
      shape.dims().forEach(dims::add);
    }
    return network;
  }

  /** Ids of the versions that a resolved model object nests. */
  public List<Long> needs(JsonNode resolved) {
    return nested(resolved).values().stream().map(ModelVersion::id).distinct().toList();
  }

  /** Copies of the nested versions' weights, named as the model that nests them stores them. */
  public Map<String, HostTensor> weights(JsonNode resolved) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    nested(resolved)
        .forEach(
            (name, version) -> {
              try (SafeTensors file = weights.open(version.weights())) {
                file.tensors()
                    .forEach((slot, tensor) -> copies.put(name + "." + slot, copy(tensor)));
              }
            });
    return copies;
  }

  private static HostTensor copy(HostTensor tensor) {
    HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  /** The nested versions by layer name. */
  private Map<String, ModelVersion> nested(JsonNode resolved) {
    Map<String, ModelVersion> nested = new LinkedHashMap<>();
    int number = 0;
    for (int place : places(resolved)) {
      JsonNode layer = layers(resolved).get(place);
      number++;
      String name =
          layer.path("name").isString() ? layer.get("name").stringValue() : "model_" + number;
      ModelReference reference = ModelReference.parse(layer.get("ref").stringValue());
      nested.put(name, versions.resolve(reference.model(), reference.version()));
    }
    return nested;
  }

  /** Where the layers of type model stand. */
  private static List<Integer> places(JsonNode model) {
    List<Integer> places = new ArrayList<>();
    JsonNode layers = layers(model);
    for (int i = 0; layers.isArray() && i < layers.size(); i++) {
      JsonNode type = layers.get(i).path("type");
      if (type.isString() && type.stringValue().equals("model")) {
        places.add(i);
      }
    }
    return places;
  }

  private static JsonNode layers(JsonNode model) {
    return model.path("network").path("layers");
  }
}
