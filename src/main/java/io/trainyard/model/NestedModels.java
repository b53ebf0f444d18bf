package io.trainyard.model;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkReader;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReferences;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Resolves the versions that a model object names. A resolved one names each version by number and
 * contains the networks that it nests: later moves of an alias do not change it.
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
    SpecReferences given = SpecReferences.of(model);
    if (given.nested().isEmpty() && given.likes().isEmpty()) {
      return model;
    }
    JsonNode resolved = model.deepCopy();
    SpecReferences references = SpecReferences.of(resolved);
    Map<String, Found> found = new HashMap<>();
    for (SpecReferences.Like like : references.likes()) {
      if (violations.isFull()) {
        return resolved;
      }
      pin(like, pointer, found, violations);
    }
    int layers = 0;
    for (SpecReferences.Nested layer : references.nested()) {
      if (violations.isFull()) {
        return resolved;
      }
      layer.unresolve();
      String ref = layer.ref();
      ModelVersion version =
          ref == null ? null : find(ref, layer.pointer(pointer), found, violations);
      if (version != null && version.isForeign()) {
        violations.add(
            layer.pointer(pointer),
            version.reference() + " was imported from an ONNX file, which cannot be nested");
        version = null;
      }
      // Also counts references that lead nowhere.
      layers++;
      if (version != null) {
        ObjectNode network = network(version);
        layers += layers(network);
        layer.resolve(version.reference(), network);
      }
      if (layers > NetworkReader.MAX_LAYERS) {
        violations.add(
            layer.pointer(pointer),
            "The nested networks up to here have more than "
                + NetworkReader.MAX_LAYERS
                + " layers together");
        return resolved;
      }
    }
    return resolved;
  }

  /** The layers of a version's network, of all members where it is an ensemble. */
  private static int layers(ObjectNode network) {
    int own = network.path("layers").size();
    JsonNode members = network.path(NetworkMembers.NAME);
    if (!members.isArray()) {
      return own * members.asInt(1);
    }
    int layers = 0;
    for (JsonNode group : members) {
      int one = group.has("layers") ? group.get("layers").size() : own;
      layers += one * group.path("count").asInt(1);
    }
    return layers;
  }

  private void pin(
      SpecReferences.Like like, String pointer, Map<String, Found> found, Violations violations) {
    if (!like.isReference()) {
      return; // the reader of inputs says why not
    }
    ModelVersion version = find(like.like(), like.pointer(pointer), found, violations);
    if (version != null && version.encoding() == null) {
      violations.add(
          like.pointer(pointer),
          version.reference() + " takes tensors and has no columns or encoding to copy");
    } else if (version != null) {
      like.pin(version.reference());
    }
  }

  /** What a reference leads to: a version, or why there is none. */
  private record Found(@Nullable ModelVersion version, String fault) {}

  private @Nullable ModelVersion find(
      String ref, String pointer, Map<String, Found> found, Violations violations) {
    // Each is a query.
    Found known = found.computeIfAbsent(ref, this::find);
    if (known.version() == null) {
      violations.add(pointer, known.fault());
    }
    return known.version();
  }

  private Found find(String ref) {
    try {
      ModelReference reference = ModelReference.parse(ref);
      return new Found(versions.resolve(reference.model(), reference.version()), "");
    } catch (IllegalArgumentException e) {
      return new Found(null, String.valueOf(e.getMessage()));
    } catch (ServiceException e) {
      return new Found(null, e.detail());
    }
  }

  /** The version's network with tensor inputs: a nested model does not encode. */
  private static ObjectNode network(ModelVersion version) {
    ObjectNode network = (ObjectNode) version.spec().get("network").deepCopy();
    VersionDefinition definition = VersionDefinition.of(version);
    ObjectNode inputs = network.putObject("inputs");
    NetworkSpec spec = definition.spec().network();
    for (String name : spec.inputNames()) {
      Shape shape = Objects.requireNonNull(definition.shapes().inputs().get(name));
      ArrayNode dims = inputs.putObject(name).putArray("shape");
      shape.dims().forEach(dims::add);
    }
    return network;
  }

  /** Ids of the versions that a resolved model object nests. */
  public List<Long> needs(JsonNode resolved) {
    return SpecReferences.of(resolved).nested().stream()
        .map(layer -> layer.version())
        .map(version -> versions.resolve(version.model(), version.version()).id())
        .distinct()
        .toList();
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
    for (SpecReferences.Nested layer : SpecReferences.of(resolved).nested()) {
      ModelReference reference = layer.version();
      nested.put(layer.name(), versions.resolve(reference.model(), reference.version()));
    }
    return nested;
  }
}
