package io.trainyard.dataset;

import io.trainyard.error.ServiceException;

/** Keeps dataset versions from being deleted while a job needs them. */
public interface DatasetHolds {
  /**
   * Holds a version until {@link #release}. Joins the caller's transaction.
   *
   * @param holder the id of a job
   * @throws ServiceException INVALID_BODY when the version no longer exists
   */
  void hold(String name, int version, String holder);

  /** Releases everything a job holds. Joins the caller's transaction. */
  void release(String holder);
}
