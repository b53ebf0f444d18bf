package io.trainyard.store.file;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that no row has named for an hour. A file is written before its row is, and somebody may
 * write and name one at the very moment it is found to be old: so a file is only put aside at
 * first, and deleted an hour later. One that is named after all comes back, at the latest when it
 * is read.
 */
final class OrphanFiles {
  private static final Logger log = LoggerFactory.getLogger(OrphanFiles.class);
  private static final Duration GRACE = Duration.ofHours(1);
  private static final String ASIDE_SUFFIX = ".aside";
  private static final String UNFINISHED_SUFFIX = ".tmp";
  private static final int BATCH = 500;

  private final Function<Collection<String>, Set<String>> referenced;
  private final Instant now;

  /**
   * A sweep at one moment.
   *
   * @param named of so many file names, those that rows name
   */
  OrphanFiles(Function<Collection<String>, Set<String>> named, Instant now) {
    this.referenced = named;
    this.now = now;
  }

  /** Sweeps a folder and what is below it. */
  void sweep(Path folder) {
    List<Path> old = new ArrayList<>();
    try {
      Files.walkFileTree(folder, new Old(old));
      for (int from = 0; from < old.size(); from += BATCH) {
        sweep(old.subList(from, Math.min(from + BATCH, old.size())));
      }
    } catch (IOException e) {
      log.warn("{} cannot be swept: {}", folder, e.toString());
    }
  }

  /** Collects old files; some go meanwhile, since other processes sweep too. */
  private final class Old extends SimpleFileVisitor<Path> {
    private final List<Path> found;

    Old(List<Path> found) {
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      boolean old = attributes.lastModifiedTime().toInstant().isBefore(now.minus(GRACE));
      if (old && attributes.isRegularFile()) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }
  }

  private void sweep(List<Path> files) throws IOException {
    Set<String> kept = referenced.apply(files.stream().map(OrphanFiles::name).toList());
    for (Path file : files) {
      boolean wanted = kept.contains(name(file));
      if (file.toString().endsWith(UNFINISHED_SUFFIX)) {
        Files.deleteIfExists(file);
      } else if (file.toString().endsWith(ASIDE_SUFFIX)) {
        if (!wanted || !restore(file.resolveSibling(name(file)))) {
          Files.deleteIfExists(file);
        }
      } else if (!wanted) {
        putAside(file);
      }
    }
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(ASIDE_SUFFIX)
        ? name.substring(0, name.length() - ASIDE_SUFFIX.length())
        : name;
  }

  private void putAside(Path file) throws IOException {
    try {
      // Its hour begins before others can see it aside.
      Files.setLastModifiedTime(file, FileTime.from(now));
      Files.move(file, aside(file), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // another process was faster
    }
  }

  private static Path aside(Path file) {
    return file.resolveSibling(file.getFileName() + ASIDE_SUFFIX);
  }

  /** Brings a file back that was put aside and is needed; false when there is nothing to bring. */
  static boolean restore(Path file) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    try {
      Files.move(aside(file), file, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return Files.exists(file);
    }
  }
}
