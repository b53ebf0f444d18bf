package io.trainyard.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A name that points at one version of a model and may be moved.
 *
 * @param previousVersion what a rollback goes back to, or null when there is nothing
 * @param revision grows with every move
 */
public record Alias(
    String model,
    String name,
    int version,
    @Nullable Integer previousVersion,
    long revision,
    Instant updatedAt) {

  /**
   * One move of an alias.
   *
   * @param id orders moves in time
   * @param by who moved it: {@code api}, or {@code job} and its id
   */
  public record Move(long id, int version, Instant at, String by) {}
}
