package io.trainyard.model;

/** Shows that a version answers before it is registered. */
@FunctionalInterface
public interface VersionProof {
  /**
   * Loads the version and computes one row and three rows.
   *
   * @throws io.trainyard.error.ServiceException why it does not answer
   */
  void prove(NewVersion version);
}
