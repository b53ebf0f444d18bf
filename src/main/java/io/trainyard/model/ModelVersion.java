package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An immutable set of weights with everything needed to answer from it.
 *
 * @param id unique over all models and never used again
 * @param spec the resolved model object
 * @param encoding what was learned about columns and classes, as {@link Encoding#toJson} gave it;
 *     null for a model that takes and gives bare tensors
 * @param metrics an object of numbers by metric
 * @param weights names the file of weights
 * @param aliases that point at it now
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
    Instant createdAt) {
  public ModelVersion {
    aliases = List.copyOf(aliases);
  }

  /** The error for a version that does not exist. */
  public static ServiceException notFound(String model, String version) {
    return new ServiceException(
        ErrorCode.VERSION_NOT_FOUND, "The model '" + model + "' has no version " + version);
  }

  public String reference() {
    return model + "@" + version;
  }

  public ModelSpec modelSpec() {
    return SpecReader.model(spec);
  }

  public @Nullable Encoding learnedEncoding() {
    return encoding == null ? null : Encoding.fromJson(encoding);
  }
}
