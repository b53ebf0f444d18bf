package io.trainyard.store.shared;

import io.trainyard.store.ObjectStoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/** Whole files under keys, in a store that all processes share. */
public interface ObjectStore {
  /** An object in a list. */
  record Entry(String key, Instant changedAt) {}

  /**
   * Stores a file; replaces the one with this key.
   *
   * @throws ObjectStoreException if the store cannot be reached or refuses it
   */
  void put(String key, Path file) throws IOException;

  /**
   * Writes an object to a new file. Whether the bytes are right is for the caller to check: damage
   * is no outage.
   *
   * @param growth is asked for room before the file grows
   * @throws java.nio.file.NoSuchFileException if there is no such object
   * @throws ObjectStoreException if the store cannot be reached
   */
  void get(String key, Path file, Growth growth) throws IOException;

  /** Asked before a file grows; throws when it may not. */
  @FunctionalInterface
  interface Growth {
    void add(long bytes) throws IOException;
  }

  /**
   * The length of an object.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such object
   */
  long length(String key) throws IOException;

  /** Deletes an object, if there is one. */
  void delete(String key) throws IOException;

  /** Lists the objects whose key begins with a prefix. */
  void list(String prefix, Consumer<Entry> reader) throws IOException;
}
