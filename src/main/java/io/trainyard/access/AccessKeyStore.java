package io.trainyard.access;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The keys of all processes. */
public interface AccessKeyStore {
  /** All keys, newest first. */
  List<AccessKey> all();

  /** Stores a key; false when there is one with this id already. */
  boolean insert(AccessKey key);

  /**
   * Deletes a key.
   *
   * @return false when there is none
   * @throws io.trainyard.error.ServiceException IN_USE for the last key with the scope admin that
   *     does not expire
   */
  boolean delete(String id);

  /** Stores when keys were last used, by id. */
  void used(Map<String, Instant> times);
}
