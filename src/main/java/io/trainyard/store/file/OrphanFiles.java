package io.trainyard.store.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
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
 * Deletes files that no database record references. A file is written before its record, and the
 * record may appear just after the file was found old. So a first run renames a file that is an
 * hour old, and a later run deletes it after another hour. Until then, a run or a reader that finds
 * a record restores it.
 */
final class OrphanFiles {
  private static final Logger log = LoggerFactory.getLogger(OrphanFiles.class);
  private static final Duration GRACE = Duration.ofHours(1);
  private static final String ASIDE_SUFFIX = ".aside";
  private static final String UNFINISHED_SUFFIX = ".tmp";
  private static final int BATCH = 500;

  private final Function<Collection<String>, Set<String>> referenced;
  private final Instant since;
  private final Instant now;

  /**
   * Prepares a run.
   *
   * @param referenced gives, out of some file names, those that database records reference
   * @param since when the database was created; older files are kept, because they may belong to a
   *     database that was lost
   */
  OrphanFiles(Function<Collection<String>, Set<String>> referenced, Instant since, Instant now) {
    this.referenced = referenced;
    this.since = since;
    this.now = now;
  }

  /** Marks or deletes the orphans of a folder and its subfolders. */
  void deleteOrphans(Path folder) {
    List<Path> old = new ArrayList<>();
    try {
      Files.walkFileTree(folder, new OldFiles(old));
      for (int from = 0; from < old.size(); from += BATCH) {
        deleteOrphans(old.subList(from, Math.min(from + BATCH, old.size())));
      }
    } catch (IOException e) {
      log.warn("Unreferenced files in {} cannot be deleted: {}", folder, e.toString());
    }
  }

  /** Deletes old files directly in a folder that were never finished. */
  void deleteUnfinished(Path folder) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + UNFINISHED_SUFFIX)) {
      for (Path file : found) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(GRACE))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      log.debug("Another process was faster: {}", e.toString());
    }
  }

  /**
   * Collects old files; some disappear during the walk, because other processes delete files too.
   */
  private final class OldFiles extends SimpleFileVisitor<Path> {
    private final List<Path> found;

    OldFiles(List<Path> found) {
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

  private void deleteOrphans(List<Path> files) throws IOException {
    Set<String> kept = referenced.apply(files.stream().map(OrphanFiles::name).toList());
    for (Path file : files) {
      boolean needed = kept.contains(name(file));
      if (file.toString().endsWith(UNFINISHED_SUFFIX)) {
        Files.deleteIfExists(file);
      } else if (!needed && isOlderThanTheDatabase(file)) {
        log.debug("{} is older than the database and is kept", file);
      } else if (file.toString().endsWith(ASIDE_SUFFIX)) {
        if (!needed || !restore(file.resolveSibling(name(file)))) {
          Files.deleteIfExists(file);
        }
      } else if (!needed) {
        mark(file);
      }
    }
  }

  private boolean isOlderThanTheDatabase(Path file) throws IOException {
    return Files.exists(file) && Files.getLastModifiedTime(file).toInstant().isBefore(since);
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(ASIDE_SUFFIX)
        ? name.substring(0, name.length() - ASIDE_SUFFIX.length())
        : name;
  }

  private void mark(Path file) throws IOException {
    try {
      // The second hour must start before other processes see the marked file.
      Files.setLastModifiedTime(file, FileTime.from(now));
      Files.move(file, marked(file), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // another process was faster
    }
  }

  private static Path marked(Path file) {
    return file.resolveSibling(file.getFileName() + ASIDE_SUFFIX);
  }

  /** Restores a marked file; false if the file was not missing, or if nothing was marked. */
  static boolean restore(Path file) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    try {
      Files.move(marked(file), file, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return Files.exists(file);
    }
  }
}
