package io.trainyard.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Labels;
import io.trainyard.spec.SpecReferences;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A named model: its versions, and the spec that its next job trains.
 *
 * @param id orders models by creation
 * @param spec the model object as stored
 * @param latestVersion the newest version's number, or null
 * @param revision grows with every change of the spec
 */
public record Model(
    long id,
    String name,
    JsonNode spec,
    @Nullable Integer latestVersion,
    List<Alias> aliases,
    int revision,
    Instant createdAt,
    Instant updatedAt,
    Labels labels) {
  public Model {
    aliases = List.copyOf(aliases);
  }

  /** The version that answers where none is named: that of production, else the newest. */
  public @Nullable Integer defaultVersion() {
    return latestVersion == null ? null : DefaultVersion.of(aliases, latestVersion).version();
  }

  /** The same without the names of other models that a caller may not know. */
  public Model asSeenBy(Identity caller) {
    return caller.models().isAll()
        ? this
        : new Model(
            id,
            name,
            SpecReferences.hiding(spec, caller::permitsModel),
            latestVersion,
            aliases,
            revision,
            createdAt,
            updatedAt,
            labels);
  }

  /** The error for a model that does not exist. */
  public static ServiceException notFound(String name) {
    return new ServiceException(ErrorCode.MODEL_NOT_FOUND, "There is no model '" + name + "'");
  }
}
