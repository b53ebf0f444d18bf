package io.trainyard.store;

import java.time.Instant;
import java.util.Optional;

/** Whether the shared store of files can be used. */
@FunctionalInterface
public interface ObjectStoreState {
  /**
   * Why it cannot be used.
   *
   * @param reason in words
   */
  record Away(String reason, Instant since) {}

  /** Files are in the data folder. */
  ObjectStoreState NONE = Optional::empty;

  /** Empty while it can be used, or while there is none. */
  Optional<Away> away();
}
