package io.trainyard.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.ModelReference;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Models, their versions and aliases. Every change joins the transaction of its caller, or makes
 * one of its own.
 */
public interface ModelRegistry {
  /** The alias that predict asks first. */
  String PRODUCTION = "production";

  /** The reserved name of the newest version. */
  String LATEST = "latest";

  /** Grows with each committed change that this process made; what was read before may be old. */
  long changes();

  /** Stores a new model; ALREADY_EXISTS when the name is taken. */
  Model create(String name, JsonNode spec);

  /** Stores a model, or the new spec of one that is there. */
  Model put(String name, JsonNode spec);

  Optional<Model> findModel(String name);

  /** Newest first, older than the given id when there is one. */
  List<Model> models(int limit, @Nullable Long before);

  /**
   * Removes a model and its versions; IN_USE while an alias, another model or a job that has not
   * ended needs one.
   */
  void deleteModel(String name);

  /**
   * Keeps a model, and versions of any model, from being deleted until the holder lets go; joins
   * the caller's transaction.
   *
   * @throws ServiceException INVALID_BODY when one of them is gone
   */
  void hold(String model, List<ModelReference> versions, String holder);

  void letGo(String holder);

  /** Writes weights so that they survive a crash; the same weights are stored once. */
  StoredWeights storeWeights(Map<String, HostTensor> weights);

  /**
   * Opens stored weights; CORRUPT_FILE when the bytes are not those that were written. The caller
   * closes them.
   */
  SafeTensors openWeights(StoredWeights weights);

  /** The file of stored weights, its bytes checked as by {@link #openWeights}. */
  Path weightsFile(StoredWeights weights);

  /**
   * Makes the next version. Runs in the caller's transaction; a job can publish once.
   *
   * @throws ServiceException CONFLICT when its job has published already
   */
  ModelVersion publish(NewVersion version);

  Optional<ModelVersion> findVersion(String model, int version);

  Optional<ModelVersion> findLatest(String model);

  /** Newest first, older than the given version when there is one. */
  List<ModelVersion> versions(String model, int limit, @Nullable Long before);

  /**
   * Removes a version; IN_USE while an alias points at it, another version nests it or a job that
   * has not ended reads it.
   */
  void deleteVersion(String model, int version);

  /**
   * Points an alias at a version, making it when it is new.
   *
   * @param by who does it, for the history
   */
  Alias moveAlias(String model, String alias, int version, String by);

  /** Points an alias at the version it had before; CONFLICT when there is none. */
  Alias rollback(String model, String alias, String by);

  Optional<Alias> findAlias(String model, String alias);

  /** By name. */
  List<Alias> aliases(String model);

  /** Newest first, older than the given move when there is one. */
  List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before);

  void deleteAlias(String model, String alias);

  default Model model(String name) {
    return findModel(name)
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.MODEL_NOT_FOUND, "There is no model '" + name + "'"));
  }

  default Alias alias(String model, String alias) {
    return findAlias(model, alias)
        .orElseThrow(
            () -> {
              model(model);
              return new ServiceException(
                  ErrorCode.ALIAS_NOT_FOUND,
                  "The model '" + model + "' has no alias '" + alias + "'");
            });
  }

  default ModelVersion version(String model, int version) {
    return findVersion(model, version).orElseThrow(() -> versionNotFound(model, version + ""));
  }

  /**
   * The version a reference means.
   *
   * @param reference a number, an alias or {@code latest}; null: the alias {@code production}, else
   *     the newest
   */
  default ModelVersion resolve(String model, @Nullable String reference) {
    if (reference == null) {
      Optional<Alias> production = findAlias(model, PRODUCTION);
      return production.isPresent()
          ? version(model, production.get().version())
          : resolve(model, LATEST);
    }
    if (reference.equals(LATEST)) {
      return findLatest(model).orElseThrow(() -> versionNotFound(model, LATEST));
    }
    if (!reference.isEmpty() && reference.chars().allMatch(c -> c >= '0' && c <= '9')) {
      if (reference.length() > 9) {
        throw versionNotFound(model, reference);
      }
      return version(model, Integer.parseInt(reference));
    }
    return version(model, alias(model, reference).version());
  }

  private ServiceException versionNotFound(String model, String version) {
    model(model);
    return version.equals(LATEST)
        ? new ServiceException(
            ErrorCode.VERSION_NOT_FOUND, "The model '" + model + "' has no versions yet")
        : new ServiceException(
            ErrorCode.VERSION_NOT_FOUND, "The model '" + model + "' has no version " + version);
  }
}
