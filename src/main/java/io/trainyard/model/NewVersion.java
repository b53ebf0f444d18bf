package io.trainyard.model;

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
}
