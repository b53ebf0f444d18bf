package io.trainyard.model;

import io.trainyard.label.Labels;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A version about to be published.
 *
 * @param model created with this spec when it does not exist
 * @param needs ids of the nested versions, which cannot be deleted before it
 */
public record NewVersion(
    String model,
    JsonNode spec,
    @Nullable JsonNode encoding,
    JsonNode metrics,
    Provenance provenance,
    StoredWeights weights,
    List<Long> needs) {
  public NewVersion {
    needs = List.copyOf(needs);
  }

  /** The same with another spec. */
  NewVersion with(JsonNode other) {
    return new NewVersion(model, other, encoding, metrics, provenance, weights, needs);
  }

  /**
   * The version as it will be stored, for loading it before.
   *
   * @param id not one of a stored version
   */
  public ModelVersion provisional(long id) {
    return new ModelVersion(
        id,
        model,
        0,
        spec,
        encoding,
        metrics,
        provenance,
        weights,
        List.of(),
        Instant.EPOCH,
        Labels.NONE);
  }
}
