package io.trainyard.job.check;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NestedModels;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** The weights that a job starts from: those of nested versions, and of a version it names. */
@Component
public final class InitialWeights {
  private static final String POINTER = "/initial_weights";

  private final VersionStore versions;
  private final WeightStore weights;
  private final NestedModels nested;
  private final ContinuedJobs continued;

  InitialWeights(
      VersionStore versions, WeightStore weights, NestedModels nested, ContinuedJobs continued) {
    this.versions = versions;
    this.weights = weights;
    this.nested = nested;
    this.continued = continued;
  }

  /**
   * The version that a request starts from; null, with a violation, when it doesn't exist.
   *
   * @param model the model of the job, which is the default; "" when its name is unknown
   */
  @Nullable ModelVersion find(JobRequest request, String model, Violations violations) {
    JobRequest.Origin given = request.initialWeights();
    JobRequest.Origin origin = given == null ? null : continued.resolve(given, violations);
    if (given == null || origin == null) {
      return null;
    }
    if (given.job() != null && !origin.agreesWith(given)) {
      violations.add(
          POINTER,
          "Job %s has published %s@%d; leave model and version out"
              .formatted(given.job(), origin.model(), origin.version()));
      return null;
    }
    String name = origin.model() == null ? model : origin.model();
    if (name.isEmpty()) {
      return null;
    }
    ModelVersion version = versions.find(name, origin.version()).orElse(null);
    if (version == null) {
      violations.add(
          POINTER, "There is no version " + JsonObject.shorten(name) + "@" + origin.version());
    } else if (request.training() != null && request.training().ensemble() != null) {
      violations.add(
          POINTER,
          "The members of an ensemble each start from weights of their own, so that they differ and none has seen its fold: leave initial_weights out, or 'ensemble'");
      return null;
    } else if (version.spec().path("network").has(NetworkMembers.NAME)) {
      violations.add(
          POINTER,
          version.reference()
              + " is an ensemble, whose members have no weights in common: start from a version of"
              + " one network, or train the ensemble again with the new rows");
      return null;
    } else if (version.isForeign()) {
      violations.add(
          POINTER, version.reference() + " was imported from an ONNX file and cannot be trained");
      return null;
    }
    return version;
  }

  /** The version that a stored, resolved request starts from; null when it names none. */
  public @Nullable ModelVersion version(JobRequest request) {
    JobRequest.Origin origin = request.initialWeights();
    String model = origin == null ? null : origin.model();
    if (origin == null || model == null) {
      return null;
    }
    ModelVersion version = versions.find(model, origin.version()).orElse(null);
    if (version == null) {
      throw ModelVersion.notFound(model, String.valueOf(origin.version()));
    }
    return version;
  }

  /** Adds a violation for what keeps a training from going on where another job ended. */
  void checkContinued(
      JobRequest request, ModelSpec model, JsonNode training, Violations violations) {
    continued.check(request, model, training, violations);
  }

  /** Adds a violation for each weight of the version that doesn't fit the network. */
  void check(ModelVersion version, NetworkShapes shapes, Violations violations) {
    try (SafeTensors file = weights.open(version.weights())) {
      Map<String, HostTensor> stored = file.tensors();
      Set<String> unused = new HashSet<>(stored.keySet());
      for (WeightSpec wanted : shapes.weights()) {
        HostTensor tensor = stored.get(wanted.name());
        unused.remove(wanted.name());
        if (tensor == null) {
          violations.add(
              POINTER,
              "The network has '"
                  + wanted.name()
                  + "'; "
                  + version.reference()
                  + " does not have it");
        } else if (!tensor.shape().equals(wanted.shape())) {
          violations.add(
              POINTER,
              "'"
                  + wanted.name()
                  + "' has shape "
                  + wanted.shape()
                  + " in the network and "
                  + tensor.shape()
                  + " in "
                  + version.reference());
        }
      }
      unused.stream()
          .sorted()
          .forEach(
              name ->
                  violations.add(
                      POINTER,
                      version.reference() + " has '" + name + "'; the network does not have it"));
    }
  }

  /**
   * Copies of the weights by stored name. Those of {@code initial} replace those of nested
   * versions.
   *
   * @param spec the resolved model object
   */
  public Map<String, HostTensor> load(JsonNode spec, @Nullable ModelVersion initial) {
    Map<String, HostTensor> loaded = new LinkedHashMap<>(nested.weights(spec));
    if (initial != null) {
      loaded.putAll(copies(initial));
    }
    return loaded;
  }

  private Map<String, HostTensor> copies(ModelVersion version) {
    Map<String, HostTensor> copies = new LinkedHashMap<>();
    try (SafeTensors file = weights.open(version.weights())) {
      file.tensors()
          .forEach(
              (name, tensor) -> {
                HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
                copy.data().copyFrom(tensor.data());
                copies.put(name, copy);
              });
    }
    return copies;
  }
}
