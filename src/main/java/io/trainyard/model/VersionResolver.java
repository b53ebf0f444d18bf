package io.trainyard.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds versions and aliases by name. What does not exist is a MODEL_NOT_FOUND, VERSION_NOT_FOUND
 * or ALIAS_NOT_FOUND.
 */
public final class VersionResolver {
  private final ModelCatalogue models;
  private final VersionStore versions;
  private final AliasStore aliases;

  public VersionResolver(ModelCatalogue models, VersionStore versions, AliasStore aliases) {
    this.models = models;
    this.versions = versions;
    this.aliases = aliases;
  }

  /** See {@link VersionStore#changes}. */
  public long changes(String model) {
    return versions.changes(model);
  }

  /** See {@link VersionStore#outage}. */
  public Optional<ServiceException> outage(RuntimeException failure) {
    return versions.outage(failure);
  }

  /**
   * The version that a reference names.
   *
   * @param reference a number, an alias or {@code latest}; null: the alias {@code production} if
   *     the model has it, else the newest version
   */
  public ModelVersion resolve(String model, @Nullable String reference) {
    if (reference == null) {
      Optional<Alias> production = aliases.find(model, Alias.PRODUCTION);
      return production.isPresent() ? version(model, production.get().version()) : latest(model);
    }
    if (reference.equals(Alias.LATEST)) {
      return latest(model);
    }
    if (!reference.isEmpty() && reference.chars().allMatch(c -> c >= '0' && c <= '9')) {
      if (reference.length() > 9) {
        models.get(model);
        throw ModelVersion.notFound(model, reference);
      }
      return version(model, Integer.parseInt(reference));
    }
    return version(model, alias(model, reference).version());
  }

  /** The version that answers where a request names none. */
  public DefaultVersion defaultOf(String model) {
    ModelVersion found = resolve(model, null);
    return new DefaultVersion(
        found.aliases().contains(Alias.PRODUCTION) ? Alias.PRODUCTION : null, found.version());
  }

  public ModelVersion version(String model, int version) {
    return versions
        .find(model, version)
        .orElseThrow(
            () -> {
              models.get(model);
              return ModelVersion.notFound(model, String.valueOf(version));
            });
  }

  /**
   * The version that a job published: where its model was deleted and made again, another may have
   * the same name and number.
   */
  public ModelVersion publishedBy(String job, String model, int version) {
    ModelVersion found = version(model, version);
    if (!job.equals(found.provenance().jobId())) {
      throw new ServiceException(
          ErrorCode.VERSION_NOT_FOUND,
          "The version that job %s published is gone: %s is another"
              .formatted(job, found.reference()));
    }
    return found;
  }

  private ModelVersion latest(String model) {
    return versions
        .findLatest(model)
        .orElseThrow(
            () -> {
              models.get(model);
              return new ServiceException(
                  ErrorCode.VERSION_NOT_FOUND, "The model '" + model + "' has no versions yet");
            });
  }

  public Alias alias(String model, String alias) {
    return aliases
        .find(model, alias)
        .orElseThrow(
            () -> {
              models.get(model);
              return Alias.notFound(model, alias);
            });
  }
}
