package io.trainyard.model;

import java.util.Optional;

/**
 * What a caller requires of a resource before a change. The store checks it while nobody else can
 * change the resource, so of two callers that have seen the same state only one changes it.
 */
@FunctionalInterface
public interface Precondition<T> {
  /**
   * Refuses the change with PRECONDITION_FAILED when the caller has seen another state.
   *
   * @param current the present state; empty when the resource does not exist
   */
  void check(Optional<T> current);

  /** For a caller that requires nothing. */
  static <T> Precondition<T> none() {
    return _ -> {};
  }
}
