package io.trainyard.job.process;

import io.trainyard.model.NewVersion;

/** Loads versions where callers are answered: in this process, or in its supervisor. */
public interface Preloader {
  /**
   * Loads and warms a version that is not published yet.
   *
   * @throws io.trainyard.error.ServiceException when it cannot be loaded
   */
  Preloaded preload(NewVersion version);

  /** A version that is loaded; closing frees it, unless it was published. */
  interface Preloaded extends AutoCloseable {
    /** Gives the loaded network to the callers of the version. */
    void published(String model, int version);

    @Override
    void close();
  }
}
