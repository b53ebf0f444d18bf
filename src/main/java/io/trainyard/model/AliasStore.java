package io.trainyard.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Aliases of versions. Every change joins the caller's transaction or starts its own. */
public interface AliasStore {
  /**
   * Points an alias at a version; creates the alias if needed.
   *
   * @param by who does it, for the history
   */
  Alias move(String model, String alias, int version, String by, Precondition<Alias> precondition);

  /** Points an alias back at its previous version; CONFLICT when there is none. */
  Alias rollback(String model, String alias, String by, Precondition<Alias> precondition);

  Optional<Alias> find(String model, String alias);

  /** By name. MODEL_NOT_FOUND when the model does not exist. */
  List<Alias> list(String model);

  /** The moves of an alias, newest first; with {@code before}, only moves with a lower id. */
  List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before);

  void delete(String model, String alias, Precondition<Alias> precondition);
}
