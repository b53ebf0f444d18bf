package io.trainyard.model;

import io.trainyard.spec.check.Warning;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The version that answers where a request names none: that of {@code production}, else the newest.
 *
 * @param alias that points at it; null: the model has no such alias
 */
public record DefaultVersion(@Nullable String alias, int version) {
  public static DefaultVersion of(List<Alias> aliases, int newest) {
    return aliases.stream()
        .filter(alias -> alias.name().equals(Alias.PRODUCTION))
        .findFirst()
        .map(alias -> new DefaultVersion(alias.name(), alias.version()))
        .orElseGet(() -> new DefaultVersion(null, newest));
  }

  /** Adds it to the result of a job, as it is stored and answered. */
  public void putInto(ObjectNode result) {
    result.putObject("serving").put("alias", alias).put("version", version);
  }

  /**
   * What to tell the maker of a version that does not answer; empty for the one that does.
   *
   * @param pointer to what would have decided otherwise
   */
  public Optional<Warning> warning(String pointer, String model, int published) {
    return published == version
        ? Optional.empty()
        : Optional.of(
            new Warning(
                pointer,
                "not_serving",
                "When version %d was published, version %d went on serving: %s. To serve version %d, promote it: PUT /v1/models/%s/aliases/%s {\"version\": %d}"
                    .formatted(
                        published,
                        version,
                        alias == null ? "it is newer" : "'" + alias + "' points at it",
                        published,
                        model,
                        Alias.PRODUCTION,
                        published)));
  }
}
