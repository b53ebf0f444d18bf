package io.trainyard.store.s3;

import io.trainyard.os.HeldFile;
import io.trainyard.store.DurableFolders;
import io.trainyard.store.file.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of shared files on this machine, up to a number of bytes. The least recently read ones go
 * first, never one that is read: its reader has a second link to it, which every process on the
 * machine sees, and which goes with the reader's process.
 */
final class FileCache {
  private static final Logger log = LoggerFactory.getLogger(FileCache.class);
  private static final String SCRATCH = "tmp";

  private static final int SUBFOLDER_NAME = 2;
  private static final Duration ABANDONED = Duration.ofDays(1);

  /** What this process may add before it looks at what others have added, as part of the limit. */
  private static final int LOOKS = 16;

  private final Path root;
  private final Scratch scratch;
  private final long limit;
  private final AtomicLong links = new AtomicLong();
  private long added = Long.MAX_VALUE;

  FileCache(Path root, long limit) {
    this.root = root;
    this.limit = limit;
    this.scratch = new Scratch(root.resolve(SCRATCH));
  }

  /** The copies of one kind of files. */
  Kind kind(String name) {
    try {
      return new Kind(DurableFolders.create(root.resolve(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The copies of one kind of files. */
  final class Kind {
    private final Path folder;

    private Kind(Path folder) {
      this.folder = folder;
    }

    Path folder() {
      return folder;
    }

    Path path(String name) {
      return folder.resolve(name.substring(0, SUBFOLDER_NAME)).resolve(name);
    }

    /** A new file of this process, which is no copy yet. */
    Path temporary(String name) {
      return scratch.folder().resolve(links.incrementAndGet() + "-" + name);
    }

    /** Makes a complete file a copy, instead of the one with this name. */
    void add(Path file, String name) throws IOException {
      long bytes = Files.size(file);
      makeRoom(bytes);
      Path copy = path(name);
      Files.createDirectories(copy.resolveSibling(""));
      Files.move(file, copy, StandardCopyOption.ATOMIC_MOVE);
      read(copy);
    }

    /**
     * A copy that stays until it is closed.
     *
     * @throws NoSuchFileException if there is none
     */
    HeldFile hold(String name) throws IOException {
      Path copy = path(name);
      Path link = temporary(name);
      Files.createLink(link, copy);
      read(copy);
      return new HeldFile(link, () -> delete(link));
    }

    /** Makes a complete file a copy that stays until it is closed. */
    HeldFile addAndHold(Path file, String name) throws IOException {
      Path link = temporary(name);
      Files.createLink(link, file);
      try {
        add(file, name);
      } catch (IOException | RuntimeException e) {
        delete(link);
        throw e;
      }
      return new HeldFile(link, () -> delete(link));
    }

    void remove(String name) throws IOException {
      Files.deleteIfExists(path(name));
    }
  }

  /** Notes the time of a read; file systems do so rarely. */
  private static void read(Path copy) {
    try {
      Files.getFileAttributeView(copy, BasicFileAttributeView.class)
          .setTimes(null, FileTime.from(Instant.now()), null);
    } catch (IOException e) {
      log.debug("{} is gone: {}", copy, e.toString());
    }
  }

  private static void delete(Path link) {
    try {
      Files.deleteIfExists(link);
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", link, e.toString());
    }
  }

  private record Copy(Path file, long bytes, Instant readAt, boolean used) {}

  /** Deletes copies until another one fits, if enough of them are not read. */
  synchronized void makeRoom(long bytes) throws IOException {
    if (added <= limit / LOOKS - bytes) {
      added += bytes;
      return;
    }
    added = 0;
    List<Copy> copies = copies();
    long total = bytes + copies.stream().mapToLong(Copy::bytes).sum();
    copies.sort(Comparator.comparing(Copy::readAt));
    for (Copy copy : copies) {
      // Room for what is added until the next look.
      if (total <= limit - limit / LOOKS) {
        break;
      }
      if (!copy.used()) {
        Files.deleteIfExists(copy.file());
        total -= copy.bytes();
      }
    }
  }

  private List<Copy> copies() throws IOException {
    List<Copy> copies = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.endsWith(SCRATCH)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              if (isCopy(file)) {
                copies.add(
                    new Copy(
                        file,
                        attributes.size(),
                        attributes.lastAccessTime().toInstant(),
                        isLinked(file)));
              } else if (isAbandoned(attributes)) {
                Files.deleteIfExists(file);
              }
            } catch (NoSuchFileException e) {
              log.debug("Another process was faster: {}", e.toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE; // deleted by another process
          }
        });
    return copies;
  }

  /** Files that are written lie in the folder of their kind itself. */
  private static boolean isCopy(Path file) {
    return String.valueOf(file.resolveSibling("").getFileName()).length() == SUBFOLDER_NAME;
  }

  /** Whether the process that wrote a file must have died. */
  private static boolean isAbandoned(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().toInstant().isBefore(Instant.now().minus(ABANDONED));
  }

  private static boolean isLinked(Path file) throws IOException {
    return Files.readAttributes(file, "unix:nlink").get("nlink") instanceof Integer links
        && links > 1;
  }
}
