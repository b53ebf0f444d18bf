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
 * A folder for what one process has under way. A lock says that its process lives: what the dead
 * left is removed by whoever starts next, and nobody touches what another is at work on. Processes
 * that start at once take turns by a lock on the parent, since a folder without its lock yet looks
 * like one of the dead.
 */
final class Scratch {
  private static final Logger log = LoggerFactory.getLogger(Scratch.class);
  private static final String LOCK = "lock";

  /** Kept here until the process ends: a channel that nobody refers to is closed in time. */
  private static final List<FileChannel> LOCKS = new ArrayList<>();

  private final Path folder;

  Scratch(Path parent) {
    // The parent's lock holds off other processes, not other threads of this one.
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

  Path folder() {
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
      return false; // it is of this process
    } catch (NoSuchFileException e) {
      return true; // of an earlier build, or dead before it had its lock
    }
  }
}
