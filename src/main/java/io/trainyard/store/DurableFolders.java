package io.trainyard.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Folders whose names survive a power failure. A file system keeps the name of a new file or folder
 * only once the folder that contains it is synced.
 */
public final class DurableFolders {
  /**
   * Folders whose names this process has synced. An earlier process may have been killed before.
   */
  private static final Set<Path> DURABLE = ConcurrentHashMap.newKeySet();

  private DurableFolders() {}

  /** Creates a folder and its parents, unless they exist, and syncs their names. */
  public static Path create(Path folder) throws IOException {
    if (DURABLE.contains(folder) && Files.isDirectory(folder)) {
      return folder;
    }
    Path parent = folder.getParent();
    if (Files.isDirectory(folder)) {
      syncIfPossible(parent);
    } else {
      if (parent != null) {
        create(parent);
      }
      createOne(folder);
      if (parent != null) {
        sync(parent);
      }
    }
    DURABLE.add(folder);
    return folder;
  }

  private static void createOne(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  /** The parent of the data folder may belong to somebody else. */
  private static void syncIfPossible(@Nullable Path parent) throws IOException {
    if (parent != null && Files.isReadable(parent)) {
      sync(parent);
    }
  }

  /** Forces new names and renames in a folder to disk. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }
}
