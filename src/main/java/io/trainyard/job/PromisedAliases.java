package io.trainyard.job;

import java.time.Instant;
import java.util.List;

/** Aliases that jobs promised and that wait until their versions can be loaded. */
public interface PromisedAliases {
  /**
   * An alias to move.
   *
   * @param at when its version was published
   */
  record Promise(String job, String model, int version, String alias, Instant at) {}

  /** Takes the promises that are due. For some minutes, no other process gets them. */
  List<Promise> takeDue();

  /**
   * Moves the alias, unless somebody moved or deleted it since the version was published: their
   * wish is newer. The job says which.
   */
  void move(Promise promise);

  /** Gives the promise up. The job says why. */
  void giveUp(Promise promise, String reason);
}
