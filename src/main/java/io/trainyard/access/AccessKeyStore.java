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
   * @param leavesAdmin whether a key of an administrator must be left: one that never expires for
   *     one that never expires
   * @return false when there is none
   * @throws io.trainyard.error.ServiceException IN_USE when none would be left
   */
  boolean delete(String id, boolean leavesAdmin);

  /** Stores when keys were last used, by id. */
  void used(Map<String, Instant> times);
}
