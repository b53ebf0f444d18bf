package io.trainyard.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A folder for the unfinished files of one process, with a lock file that the process holds while
 * it lives. Each process removes, when it starts, the folders whose lock nobody holds. Starting
 * processes also lock the parent: a new folder without its lock would look abandoned.
 */
public final class Scratch {
  private static final Logger log = LoggerFactory.getLogger(Scratch.class);
  private static final String LOCK = "lock";

  /** Referenced until the process ends: an unreachable channel would be closed. */
  private static final List<FileChannel> LOCKS = new ArrayList<>();

  private final Path folder;

  public Scratch(Path parent) {
    // The lock on the parent excludes other processes, not other threads of this one.
    synchronized (Scratch.class) {
      try {
        Files.createDirectories(parent);
        try (FileChannel _ = lock(parent)) {
          removeFoldersOfDeadProcesses(parent);
          folder = Files.createDirectory(parent.resolve(UUID.randomUUID().toString()));
          LOCKS.add(lock(folder));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(parent + " cannot be written", e);
      }
    }
  }

  public Path folder() {
    return folder;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    var _ = channel.lock();
    return channel;
  }

  private static void removeFoldersOfDeadProcesses(Path parent) throws IOException {
    List<Path> others;
    try (Stream<Path> found = Files.list(parent)) {
      others = found.filter(other -> !other.endsWith(LOCK)).toList();
    }
    for (Path other : others) {
      try {
        if (isDead(other)) {
          FileSystemUtils.deleteRecursively(other);
        }
      } catch (IOException e) {
        log.warn("{} cannot be removed: {}", other, e.toString());
      }
    }
  }

  private static boolean isDead(Path other) throws IOException {
    if (!Files.isDirectory(other)) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(other.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process holds it
    } catch (NoSuchFileException e) {
      return true; // its process died before it created the lock
    }
  }
}
