package io.trainyard.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A version about to be published.
 *
 * @param model registered with this spec when there is no such model
 * @param needs ids of the versions its spec nests, which must outlive it
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
