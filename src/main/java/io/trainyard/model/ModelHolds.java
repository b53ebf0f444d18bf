package io.trainyard.model;

import io.trainyard.error.ServiceException;
import io.trainyard.spec.ModelReference;
import java.util.List;

/** Keeps models and versions from being deleted while a job needs them. */
public interface ModelHolds {
  /**
   * Holds a model, and versions of any model, until {@link #release}. Joins the caller's
   * transaction.
   *
   * @param holder the id of a job
   * @throws ServiceException INVALID_BODY when one of them no longer exists
   */
  void hold(String model, List<ModelReference> versions, String holder);

  /** Releases everything a job holds. Joins the caller's transaction. */
  void release(String holder);
}
