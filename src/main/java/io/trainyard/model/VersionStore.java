package io.trainyard.model;

import io.trainyard.error.ServiceException;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Published versions. Every change joins the caller's transaction or starts its own. */
public interface VersionStore {
  /**
   * Grows with each change of a model, its versions or its aliases that this process commits. An
   * answer read before may be outdated.
   */
  long changes(String model);

  /** What to answer when the cause of a failure is only that the database is down; else empty. */
  Optional<ServiceException> outage(RuntimeException failure);

  /**
   * Stores the next version, and its model when that is new. A job can publish once. The first
   * version of a model that never had the alias {@code production} gets it.
   *
   * @param mayServe whether it may get the alias
   * @throws ServiceException CONFLICT when the job has already published
   */
  ModelVersion publish(NewVersion version, boolean mayServe);

  default ModelVersion publish(NewVersion version) {
    return publish(version, true);
  }

  Optional<ModelVersion> find(String model, int version);

  Optional<ModelVersion> findLatest(String model);

  /**
   * The versions of a selection, in its order. MODEL_NOT_FOUND when the model does not exist.
   *
   * @param after the cursor of the last one on the page before
   */
  List<Placed<ModelVersion>> select(
      String model, Selection selection, @Nullable String after, int limit);

  /**
   * The numbers of a model's newest versions, newest first. MODEL_NOT_FOUND when the model does not
   * exist.
   */
  List<Integer> numbers(String model, int limit);

  /**
   * Removes a version; IN_USE while an alias points at it, another version nests it or an
   * unfinished job reads it.
   */
  void delete(String model, int version, Precondition<ModelVersion> precondition);

  default void delete(String model, int version) {
    delete(model, version, Precondition.none());
  }
}
