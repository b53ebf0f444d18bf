package io.trainyard.store.file;

import io.trainyard.os.HeldFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The finished files of one kind, each under its own name: in a folder of this machine ({@link
 * LocalFiles}), or in a store that all processes share.
 */
public interface StoredFiles {
  /** A folder of this machine for files that are written. */
  Path folder();

  /** Where a file lies on this machine, when it is there. */
  Path path(String name);

  /** Stores a synced file, and moves it to its {@link #path}; replaces one that has the name. */
  void publish(Path temporary, String name) throws IOException;

  /**
   * The file on this machine, fetched when it is not there.
   *
   * @throws NoSuchFileException if there is none, at once or when it is opened
   */
  HeldFile hold(String name) throws IOException;

  /** As {@link #hold}; empty if there is none. */
  default Optional<HeldFile> find(String name) throws IOException {
    try {
      HeldFile held = hold(name);
      if (Files.exists(held.path())) {
        return Optional.of(held);
      }
      held.close();
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Forgets a damaged copy; false when there is no other one to fetch. */
  boolean discardCopy(String name) throws IOException;

  /**
   * Protects a file from {@link #deleteOrphans} for an hour, because a database record is about to
   * reference it.
   *
   * @throws NoSuchFileException if there is none
   */
  void touch(String name) throws IOException;

  /** Deletes a file, if there is one. */
  void delete(String name) throws IOException;

  /**
   * Deletes files that no database record has referenced for a while.
   *
   * @param since when the database was created; older files are kept
   * @param referenced gives, out of some names, those that database records reference
   */
  void deleteOrphans(Instant since, Function<Collection<String>, Set<String>> referenced)
      throws IOException;
}
