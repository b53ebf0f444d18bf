package io.trainyard.model;

/** Shows that a version answers before it is registered. */
@FunctionalInterface
public interface VersionProof {
  /**
   * Loads the version and computes one row and three rows.
   *
   * @return whether each row of a file of another tool was answered alone as among other rows; true
   *     for a network of layers, whose rows never meet
   * @throws io.trainyard.error.ServiceException why it does not answer
   */
  boolean prove(NewVersion version);
}
