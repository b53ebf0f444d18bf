package io.trainyard.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** Where the rows, the original bytes and the rejects of versions lie, by digest. */
final class DatasetFiles {
  private final Path folder;
  private final Path scratch;

  DatasetFiles(Path folder) {
    this.folder = folder;
    this.scratch = folder.resolve("tmp");
    try {
      // What an earlier process left half-done is of no use to anyone.
      FileSystemUtils.deleteRecursively(scratch);
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException("the folder of the data sets cannot be written", e);
    }
  }

  Path scratch() {
    return scratch;
  }

  /** A new folder for one task; whoever asked deletes it. */
  Path task() throws IOException {
    return Files.createTempDirectory(scratch, "task");
  }

  Path rows(String digest) {
    return file(digest, ".parquet");
  }

  Path content(String digest) {
    return file(digest, ".content");
  }

  Path rejects(String digest) {
    return file(digest, ".rejects");
  }

  private Path file(String digest, String kind) {
    return folder.resolve(digest.substring(0, 2)).resolve(digest + kind);
  }

  /** Makes a finished file durable under its lasting name. */
  static void keep(Path temporary, Path lasting) throws IOException {
    Files.createDirectories(lasting.getParent());
    try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(temporary, lasting, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel parent = FileChannel.open(lasting.getParent(), StandardOpenOption.READ)) {
      parent.force(true);
    }
  }

  /** Tells the sweep that somebody is about to name these files. */
  void touch(String digest, Instant now) throws IOException {
    for (Path file : List.of(rows(digest), content(digest), rejects(digest))) {
      if (Files.exists(file)) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    }
  }

  /** Deletes files that nobody has named for a while. */
  void sweep(Set<String> named, Instant before) throws IOException {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        boolean ours = name.matches("[0-9a-f]{64}\\.(parquet|content|rejects)");
        if (ours
            && !named.contains(name.substring(0, 64))
            && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
