package io.trainyard.model;

import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The stored models. Every change joins the caller's transaction or starts its own. */
public interface ModelCatalogue {
  /** Stores a new model; ALREADY_EXISTS when the name is in use. */
  Model create(String name, JsonNode spec);

  /** Stores a new model with revision 1, or replaces the spec of an existing one. */
  Model put(String name, JsonNode spec, Precondition<Model> precondition);

  Optional<Model> find(String name);

  /** MODEL_NOT_FOUND when there is none. */
  default Model get(String name) {
    return find(name).orElseThrow(() -> Model.notFound(name));
  }

  /** Newest first; with {@code before}, only models with a lower id. */
  List<Model> list(int limit, @Nullable Long before);

  /**
   * The models of a selection, in its order.
   *
   * @param refused the references of versions that do not answer
   * @param after the cursor of the last one on the page before
   */
  List<Placed<Model>> select(
      Selection selection, Set<String> refused, @Nullable String after, int limit);

  /**
   * Removes a model and its versions; IN_USE while an alias, another model or an unfinished job
   * needs one of them.
   */
  void delete(String name, Precondition<Model> precondition);
}
