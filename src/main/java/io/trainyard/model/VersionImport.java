package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.model.review.ResolvedModel;
import io.trainyard.model.review.SpecReview;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Publishes versions whose weights were trained elsewhere. */
public final class VersionImport {
  private final VersionStore versions;
  private final WeightStore weights;
  private final NestedModels nested;
  private final ServingCheck serving;
  private final VersionProof proof;
  private final Map<String, String> libraries;

  /**
   * Imports into these stores.
   *
   * @param serving refuses what this service could not answer from
   * @param proof shows that a version answers before it is registered
   * @param libraries the names and versions of what checks the weights, for the provenance
   */
  public VersionImport(
      VersionStore versions,
      WeightStore weights,
      NestedModels nested,
      ServingCheck serving,
      VersionProof proof,
      Map<String, String> libraries) {
    this.versions = versions;
    this.weights = weights;
    this.nested = nested;
    this.serving = serving;
    this.proof = proof;
    this.libraries = Map.copyOf(libraries);
  }

  /**
   * Publishes an imported version. Pointers of violations begin with the part's name.
   *
   * @param spec the model object
   * @param file a safetensors file; null when the network stores no weights
   * @param encoding null when all columns are plain numbers, or there are none
   */
  public ModelVersion publish(
      String model, JsonNode spec, @Nullable Path file, @Nullable JsonNode encoding) {
    ResolvedModel resolved = ResolvedModel.require(spec, "/spec", nested);
    Violations violations = new Violations();
    if (!resolved.spec().name().equals(model)) {
      violations.add(
          "/spec/name", "The path says '" + model + "', the spec '" + resolved.spec().name() + "'");
    }
    violations.throwIfAny();
    Encoding learned = new ImportedEncoding(resolved.spec(), violations).read(encoding);
    violations.throwIfAny();
    NetworkShapes shapes =
        SpecReview.of(resolved.spec(), "/spec", learned, null, violations).shapes();
    violations.throwIfAny();
    serving.check(resolved.spec().network(), shapes, "/spec/network");
    NewVersion version =
        new NewVersion(
            model,
            resolved.json(),
            learned == null ? null : learned.toJson(),
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Imported(libraries),
            store(file, shapes, nested.weights(resolved.json())),
            nested.needs(resolved.json()));
    prove(version);
    return versions.publish(version);
  }

  private void prove(NewVersion version) {
    try {
      proof.prove(version);
    } catch (ServiceException e) {
      throw e.code() == ErrorCode.WORKER_CRASHED
          ? new ServiceException(
              e.code(), e.detail(), List.of(new Violation("/spec/network", e.detail())))
          : e;
    }
  }

  /** Tensors that the file lacks come from the nested versions. */
  private StoredWeights store(
      @Nullable Path file, NetworkShapes shapes, Map<String, HostTensor> ofNested) {
    if (file == null) {
      return store(ofNested, shapes);
    }
    try (SafeTensors given = SafeTensors.open(file)) {
      Map<String, HostTensor> all = new HashMap<>(ofNested);
      all.putAll(given.tensors());
      return store(all, shapes);
    } catch (FormatException e) {
      String detail = "This is not a safetensors file: " + e.getMessage();
      throw new ServiceException(
          ErrorCode.WEIGHTS_MISMATCH, detail, List.of(new Violation("/weights", detail)));
    } catch (IOException e) {
      throw new UncheckedIOException("The uploaded weights cannot be read", e);
    }
  }

  private StoredWeights store(Map<String, HostTensor> given, NetworkShapes shapes) {
    Violations violations = new Violations();
    Map<String, HostTensor> fitting =
        ImportedWeightsCheck.fit(given, shapes.weights(), "/weights", violations);
    violations.throwIfAny(ErrorCode.WEIGHTS_MISMATCH);
    return weights.store(fitting);
  }
}
