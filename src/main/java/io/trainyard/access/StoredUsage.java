package io.trainyard.access;

import java.util.List;

/** What callers have stored and queued, in all processes. */
public interface StoredUsage {
  /** The bytes of the datasets, model objects and versions that a caller has stored. */
  long bytes(String owner);

  /** The jobs of a caller that have not ended; a sweep is one. */
  long unfinishedJobs(String owner);

  /** What something has stored, in bytes. */
  record Share(String name, long bytes) {}

  /** The bytes of all versions of each dataset, the most first. */
  List<Share> datasets(Binding visible);

  /** The bytes of each model object and of the weights of its versions, the most first. */
  List<Share> models(Binding visible);

  /**
   * The bytes of each caller by name, the most first. A key that was deleted is named by its id,
   * and callers without a key are together {@code anonymous}.
   */
  List<Share> callers();
}
