package io.trainyard.model;

import io.trainyard.access.Identity;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Labels;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReferences;
import io.trainyard.spec.layer.LayerSpec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An immutable version of a model: weights, with everything needed to predict.
 *
 * @param id unique over all models and never reused
 * @param spec the resolved model object
 * @param encoding the stored form of {@link Encoding#toJson}; null for a model that takes tensors
 * @param metrics numbers by metric name
 * @param weights names the file of weights
 * @param aliases the aliases that point at it
 */
public record ModelVersion(
    long id,
    String model,
    int version,
    JsonNode spec,
    @Nullable JsonNode encoding,
    JsonNode metrics,
    Provenance provenance,
    StoredWeights weights,
    List<String> aliases,
    Instant createdAt,
    Labels labels) {
  public ModelVersion {
    aliases = List.copyOf(aliases);
  }

  /** The same without the names of other models, and of the dataset, that a caller may not know. */
  public ModelVersion asSeenBy(Identity caller) {
    return caller.models().isAll() && caller.datasets().isAll()
        ? this
        : new ModelVersion(
            id,
            model,
            version,
            SpecReferences.hiding(spec, caller::permitsModel),
            encoding,
            metrics,
            provenance.asSeenBy(caller),
            weights,
            aliases,
            createdAt,
            labels);
  }

  /** The same with another provenance. */
  public ModelVersion with(Provenance other) {
    return new ModelVersion(
        id, model, version, spec, encoding, metrics, other, weights, aliases, createdAt, labels);
  }

  /** The error for a version that does not exist. */
  public static ServiceException notFound(String model, String version) {
    return new ServiceException(
        ErrorCode.VERSION_NOT_FOUND, "The model '" + model + "' has no version " + version);
  }

  public String reference() {
    return reference(model, version);
  }

  /** A version as answers and logs name it. */
  public static String reference(String model, int version) {
    return model + "@" + version;
  }

  /** Whether its weights are a file of another tool, which holds no tensors by name. */
  public boolean isForeign() {
    JsonNode first = spec.path("network").path("layers").path(0).path("type");
    return first.asString("").equals(LayerSpec.Foreign.TYPE);
  }

  /**
   * Refuses what needs the tensors of a version by name.
   *
   * @throws ServiceException NOT_EXPORTABLE when it has none
   */
  public ModelVersion requireTensors() {
    if (isForeign()) {
      throw new ServiceException(
          ErrorCode.NOT_EXPORTABLE,
          reference()
              + " was imported from an ONNX file and has no weights by name; read the file at"
              + " …/onnx");
    }
    return this;
  }

  /**
   * Refuses what divides rows into parts of its own.
   *
   * @throws ServiceException NOT_ANSWERABLE for an imported file whose rows depend on each other
   */
  public ModelVersion requireIndependentRows() {
    JsonNode first = spec.path("network").path("layers").path(0);
    if (isForeign()
        && first
            .path(LayerSpec.Foreign.TOGETHER)
            .asString("")
            .equals(LayerSpec.Foreign.Together.REQUEST.word())) {
      throw new ServiceException(
          ErrorCode.NOT_ANSWERABLE,
          reference()
              + " was imported from a file in which the answer for a row depends on the rows beside"
              + " it, and this would divide the rows into parts: predict them in one request");
    }
    return this;
  }

  public ModelSpec modelSpec() {
    return SpecReader.model(spec);
  }

  public @Nullable Encoding learnedEncoding() {
    if (encoding == null) {
      return null;
    }
    Encoding learned = Encoding.fromJson(encoding);
    return provenance.table() == null ? learned : learned.with(provenance.table());
  }
}
